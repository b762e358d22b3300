import { Schema } from "effect"
import { Login, PasswordChange, Registration } from "../../domain/accounts/Account.ts"
import { RefreshTokenRequest } from "../../domain/accounts/Session.ts"
import { AccountId } from "../../domain/shared/Ids.ts"
import { decodeInput } from "./Decode.ts"

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

export const decodeRegister = decodeInput<RegisterInput>()(Registration)
export const decodeLogin = decodeInput<LoginInput>()(Login)
export const decodeChangePassword = decodeInput<ChangePasswordInput>()(
  Schema.Struct({ accountId: AccountId, ...PasswordChange.fields })
)
export const decodeRefreshToken = decodeInput<{ readonly refreshToken: string }>()(RefreshTokenRequest)
export const decodeAccountId = decodeInput<{ readonly accountId: string }>()(
  Schema.Struct({ accountId: AccountId })
)
