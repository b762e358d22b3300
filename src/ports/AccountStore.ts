import { Context, type Effect, type Option } from "effect"
import type { Account, EmailTaken } from "../domain/Account.ts"
import type { AccountId, SessionId } from "../domain/Id.ts"
import type { StoreUnavailable } from "./Unavailable.ts"

export interface Credentials {
  readonly account: Account
  readonly passwordHash: string
  readonly disabled: boolean
}

/** A login that can be refreshed until it expires. Only the hash of its refresh token is kept. */
export interface Session {
  readonly id: SessionId
  readonly accountId: AccountId
  readonly tokenHash: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

export class AccountStore extends Context.Service<
  AccountStore,
  {
    /** Unique by the domain's `emailKey`. */
    readonly add: (
      account: Account,
      passwordHash: string
    ) => Effect.Effect<void, EmailTaken | StoreUnavailable>
    readonly credentials: (emailKey: string) => Effect.Effect<Option.Option<Credentials>, StoreUnavailable>
    /** Accounts that are not disabled. */
    readonly get: (id: AccountId) => Effect.Effect<Option.Option<Account>, StoreUnavailable>
    readonly openSession: (session: Session) => Effect.Effect<void, StoreUnavailable>
  }
>()("effect-commerce/ports/AccountStore") {}
