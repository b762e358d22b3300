import { Schema, Struct } from "effect"
import { AccountQuery, Login, PasswordChange, Registration } from "../../domain/accounts/Account.ts"
import { NewPassword, PasswordResetRequest } from "../../domain/accounts/PasswordReset.ts"
import { RefreshTokenRequest } from "../../domain/accounts/Session.ts"
import { AccountId } from "../../domain/shared/Ids.ts"
import { decodeCall, decodeInput } from "./Decode.ts"
import { ActorFields, type ActorOptions } from "./Options.ts"
import type { PageInput } from "./Shared.ts"

/** What an account is created with. */
export interface RegisterInput {
  /**
   * One `@` with visible text on both sides, at most 254 characters. Unique, ignoring case and width. Fails with `EmailTaken` and with
   * `InvalidInput`.
   */
  readonly email: string
  /** At least 8 characters, at most 72 bytes in UTF-8. Unicode forms and kinds of spaces do not matter. Fails with `InvalidInput`. */
  readonly password: string
}

/** What an account logs in with. */
export interface LoginInput {
  /** The email of the account, ignoring case. Fails with `InvalidCredentials` if no account has it. */
  readonly email: string
  /** The password of the account. Fails with `InvalidCredentials` if it is another. */
  readonly password: string
}

/** A new password, and the current one as proof. */
export interface ChangePasswordInput {
  /** The id of the account, a UUID. Fails with `Unauthenticated` if it does not exist or is disabled. */
  readonly accountId: string
  /** Fails with `WrongPassword` if it is another. */
  readonly currentPassword: string
  /** At least 8 characters, at most 72 bytes in UTF-8. Fails with `InvalidInput`. */
  readonly newPassword: string
}

/** Which accounts to list. */
export interface AccountFilterInput {
  /** Selects the account that has this email, ignoring case. Defaults to all accounts. */
  readonly email?: string | undefined
}

/** The page of accounts to list. */
export interface AccountQueryInput extends AccountFilterInput, PageInput {}

/** Whose password is to be reset. */
export interface PasswordResetInput {
  /** What the visitor has typed, at most 254 characters. Ignores case. Fails with `InvalidInput`. */
  readonly email: string
}

/** A new password, and a reset token as proof. */
export interface NewPasswordInput {
  /** The token of `requestPasswordReset`. Fails with `InvalidResetToken`. */
  readonly token: string
  /** At least 8 characters, at most 72 bytes in UTF-8. Fails with `InvalidInput`, and the token can still be used. */
  readonly newPassword: string
}

export const decodeRegister = decodeInput<RegisterInput>()(Registration)
export const decodeLogin = decodeInput<LoginInput>()(Login)
export const decodeChangePassword = decodeInput<ChangePasswordInput>()(
  Schema.Struct({ accountId: AccountId, ...PasswordChange.fields })
)
export const decodeAccountQuery = decodeInput<AccountQueryInput>()(AccountQuery)
export const decodeAccountFilter = decodeInput<AccountFilterInput>()(
  AccountQuery.mapFields(Struct.omit(["limit", "cursor"]))
)
export const decodePasswordReset = decodeInput<PasswordResetInput>()(PasswordResetRequest)
export const decodeNewPassword = decodeInput<NewPasswordInput>()(NewPassword)
export const decodeDisable = decodeCall<{ readonly accountId: string }, ActorOptions>()(
  Schema.Struct({ accountId: AccountId }),
  ActorFields
)
export const decodeRefreshToken = decodeInput<{ readonly refreshToken: string }>()(RefreshTokenRequest)
export const decodeAccountId = decodeInput<{ readonly accountId: string }>()(
  Schema.Struct({ accountId: AccountId })
)
