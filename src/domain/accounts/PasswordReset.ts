import { Schema } from "effect"
import { Instant } from "../shared/Instant.ts"
import { StoredText, Text } from "../shared/Text.ts"
import { Password } from "./Account.ts"

/** Input of a request to reset the password of the account with this email address. */
export const PasswordResetRequest = Schema.Struct({ email: Text(254) }).annotate({
  identifier: "PasswordResetRequest"
})

/**
 * A token that sets a new password once, until `expiresAt`. `email` is the address of the account. Mail the token to it, and not to
 * what a visitor has typed: two addresses that look the same may belong to two people.
 */
export const PasswordReset = Schema.Struct({
  email: StoredText,
  token: Schema.String,
  expiresAt: Instant
}).annotate({ identifier: "PasswordReset" })
export interface PasswordReset extends Schema.Schema.Type<typeof PasswordReset> {}

/** Input that sets a new password with a reset token. */
export const NewPassword = Schema.Struct({ token: Text(1000), newPassword: Password }).annotate({
  identifier: "NewPassword"
})

/** Refusal: no account that can log in has this email address. Only admins and service tokens read it. */
export class EmailNotFound extends Schema.TaggedError<EmailNotFound>()("EmailNotFound", {
  email: Schema.String
}) {
  override get message() {
    return "No account that can log in has this email address."
  }
}

/**
 * Refusal: the reset token is unknown, already used, replaced by a newer one or expired, or its account is disabled. The error does
 * not say which.
 */
export class InvalidResetToken extends Schema.TaggedError<InvalidResetToken>()("InvalidResetToken", {}) {
  override get message() {
    return "The reset token is not valid. Ask for a new one."
  }
}
