import { Context, type Effect, type Option } from "effect"
import type { Account, AccountNotFound, EmailTaken, InvalidCredentials } from "../domain/accounts/Account.ts"
import type { AccountId } from "../domain/shared/Ids.ts"
import type { StoreUnavailable } from "./errors.ts"

/** An account with the hash of its password. Who is disabled may not log in. */
export interface Credentials {
  readonly account: Account
  readonly passwordHash: string
  readonly disabled: boolean
}

/** Puts one password hash in the place of another. */
export interface NewPasswordHash {
  readonly accountId: AccountId
  readonly from: string
  readonly to: string
  readonly at: Date
}

/** Keeps accounts and the hashes of their passwords. */
export class AccountStore extends Context.Service<
  AccountStore,
  {
    /** Unique by the domain's `normalizeEmail`. */
    readonly add: (
      account: Account,
      passwordHash: string
    ) => Effect.Effect<void, EmailTaken | StoreUnavailable>
    readonly credentials: (
      normalizeEmail: string
    ) => Effect.Effect<Option.Option<Credentials>, StoreUnavailable>
    readonly credentialsOf: (id: AccountId) => Effect.Effect<Option.Option<Credentials>, StoreUnavailable>
    /** Accounts that are not disabled. */
    readonly get: (id: AccountId) => Effect.Effect<Option.Option<Account>, StoreUnavailable>
    /** Ends all sessions of the account with it. `InvalidCredentials` if the hash is not `from` any more. */
    readonly changePassword: (
      change: NewPasswordHash
    ) => Effect.Effect<void, InvalidCredentials | StoreUnavailable>
    /** Ends all sessions of the account with it. An account that is disabled already stays so. */
    readonly disable: (id: AccountId, at: Date) => Effect.Effect<void, AccountNotFound | StoreUnavailable>
    readonly enable: (id: AccountId) => Effect.Effect<void, AccountNotFound | StoreUnavailable>
  }
>()("effect-commerce/ports/AccountStore") {}
