import { Context, type Effect, type Option } from "effect"
import type {
  Account,
  AccountNotFound,
  DisableRefused,
  EmailTaken,
  InvalidCredentials
} from "../domain/accounts/Account.ts"
import type { InvalidResetToken } from "../domain/accounts/PasswordReset.ts"
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

/** A reset token of the account with an email address in the form of `normalizeEmail`. */
export interface NewReset {
  readonly normalizedEmail: string
  readonly tokenHash: string
  readonly expiresAt: Date
}

/** Use of a reset token: `passwordHash` becomes the hash of the password. */
export interface ResetUse {
  readonly tokenHash: string
  readonly passwordHash: string
  readonly at: Date
}

/** Stores accounts, password hashes, and the hashes of reset tokens. */
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
    /** Returns an account, also if it is disabled. Returns none if the id is unknown. */
    readonly find: (id: AccountId) => Effect.Effect<Option.Option<Account>, StoreUnavailable>
    /**
     * Returns up to `take` accounts by descending id, from the first id below `after`. With an email address in the form of
     * `normalizeEmail` only the account that has it.
     */
    readonly list: (
      filter: { readonly normalizedEmail?: string | undefined },
      after: AccountId | undefined,
      take: number
    ) => Effect.Effect<ReadonlyArray<Account>, StoreUnavailable>
    /**
     * Replaces the password hash, ends all sessions of the account and forgets its reset token atomically. Fails with
     * `InvalidCredentials` unless the current hash is `from`.
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
     * Disables an account, ends all its sessions and forgets its reset token atomically. Returns the account. An account that is
     * already disabled keeps its `disabledAt`. Fails with `AccountNotFound`, and with the refusal of the domain's `disableAdmin`: of
     * concurrent calls one leaves an admin.
     */
    readonly disable: (
      id: AccountId,
      at: Date
    ) => Effect.Effect<Account, AccountNotFound | DisableRefused | StoreUnavailable>
    /** Enables an account, and returns it. Fails with `AccountNotFound`. */
    readonly enable: (id: AccountId) => Effect.Effect<Account, AccountNotFound | StoreUnavailable>
    /**
     * Stores a reset token, which replaces an earlier one of the account. Returns the account. Returns none, and changes nothing, if
     * the email is unknown or its account is disabled.
     */
    readonly addReset: (reset: NewReset) => Effect.Effect<Option.Option<Account>, StoreUnavailable>
    /** Returns whether a reset token can be used at a time. */
    readonly isResetValid: (tokenHash: string, at: Date) => Effect.Effect<boolean, StoreUnavailable>
    /**
     * Uses a reset token: replaces the password hash, ends all sessions of the account and forgets the token atomically. Of concurrent
     * uses one succeeds. Fails with `InvalidResetToken` if no token has this hash, at or after its expiry, and if the account is disabled.
     */
    readonly useReset: (use: ResetUse) => Effect.Effect<void, InvalidResetToken | StoreUnavailable>
  }
>()("effect-commerce/ports/AccountStore") {}
