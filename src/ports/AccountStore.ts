import { Context, type Effect, type Option } from "effect"
import type { Account, AccountNotFound, EmailTaken, InvalidCredentials } from "../domain/accounts/Account.ts"
import type { AccountId } from "../domain/shared/Ids.ts"
import type { StoreUnavailable } from "./errors.ts"

/** An account with its password hash. A disabled account may not log in. */
export interface Credentials {
  readonly account: Account
  readonly passwordHash: string
  readonly disabled: boolean
}

/** Replaces the password hash `from` by the hash `to`. */
export interface NewPasswordHash {
  readonly accountId: AccountId
  readonly from: string
  readonly to: string
  readonly at: Date
}

/** Stores accounts and password hashes. */
export class AccountStore extends Context.Service<
  AccountStore,
  {
    /** Adds an account. Fails with `EmailTaken` if another account has the same `normalizeEmail` of the address. */
    readonly add: (
      account: Account,
      passwordHash: string
    ) => Effect.Effect<void, EmailTaken | StoreUnavailable>
    /** Returns the credentials of an email address in the form of `normalizeEmail`, or none. */
    readonly credentials: (
      normalizedEmail: string
    ) => Effect.Effect<Option.Option<Credentials>, StoreUnavailable>
    /** Returns the credentials of an account, or none if the id is unknown. */
    readonly credentialsOf: (id: AccountId) => Effect.Effect<Option.Option<Credentials>, StoreUnavailable>
    /** Returns an account. Returns none if the id is unknown or the account is disabled. */
    readonly get: (id: AccountId) => Effect.Effect<Option.Option<Account>, StoreUnavailable>
    /**
     * Replaces the password hash and ends all sessions of the account atomically. Fails with `InvalidCredentials`
     * unless the current hash is `from`.
     */
    readonly changePassword: (
      change: NewPasswordHash
    ) => Effect.Effect<void, InvalidCredentials | StoreUnavailable>
    /**
     * Replaces the password hash by another one of the same password. Sessions go on. Returns false, and changes nothing, unless the
     * current hash is `from`.
     */
    readonly renewHash: (change: Omit<NewPasswordHash, "at">) => Effect.Effect<boolean, StoreUnavailable>
    /**
     * Disables an account and ends all its sessions atomically. Succeeds also if the account is already disabled.
     * Fails with `AccountNotFound`.
     */
    readonly disable: (id: AccountId, at: Date) => Effect.Effect<void, AccountNotFound | StoreUnavailable>
    /** Enables an account. Fails with `AccountNotFound`. */
    readonly enable: (id: AccountId) => Effect.Effect<void, AccountNotFound | StoreUnavailable>
  }
>()("effect-commerce/ports/AccountStore") {}
