import { Schema } from "effect"
import { AccountId } from "../shared/Ids.ts"
import { isStorable, normalizeKey, Text } from "../shared/Text.ts"

/** Only what every mail server agrees on: one `@` with something on both sides, no white space. */
export const Email = Text(254).check(Schema.isPattern(/^[^\s@]+@[^\s@]+$/u, { expected: "an email address" }))

/** Accounts are unique by this key: an email address whatever its case. */
export const normalizeEmail = normalizeKey

const utf8 = new TextEncoder()

const expected = "8 characters or more, and at most 72 bytes in UTF-8"

const fitsBcrypt = Schema.makeFilter<string>((password) => utf8.encode(password).length <= 72, {
  expected,
  toJsonSchema: () => ({ maxLength: 72 })
})

/** 8 characters to 72 bytes: bcrypt reads no more, and a longer password is refused rather than cut. */
export const Password = Schema.String.check(isStorable, Schema.isMinCodePoints(8, { expected }), fitsBcrypt)

/** `customer` for everybody who registers; `admin` for those who run the shop. */
export const Role = Schema.Literals(["customer", "admin"])
export type Role = typeof Role.Type

/** Somebody who can log in. The password is no part of it. */
export const Account = Schema.Struct({
  id: AccountId,
  email: Email,
  role: Role,
  createdAt: Schema.Date
}).annotate({ identifier: "Account" })
export interface Account extends Schema.Schema.Type<typeof Account> {}

/** What a person registers with. */
export const Registration = Schema.Struct({ email: Email, password: Password }).annotate({
  identifier: "Registration"
})

/** What a person logs in with; held to no policy, so that a changed policy locks nobody out. */
export const Login = Schema.Struct({ email: Text(254), password: Text(1000) }).annotate({
  identifier: "Login"
})

/** What somebody who is logged in changes the own password with. */
export const PasswordChange = Schema.Struct({ currentPassword: Text(1000), newPassword: Password }).annotate({
  identifier: "PasswordChange"
})

/** What a login gives: a short-lived access token, and a refresh token for the next one. `expiresIn` is in seconds. */
export const Tokens = Schema.Struct({
  accessToken: Schema.String,
  refreshToken: Schema.String,
  tokenType: Schema.Literal("Bearer"),
  expiresIn: Schema.Int
}).annotate({ identifier: "Tokens" })
export interface Tokens extends Schema.Schema.Type<typeof Tokens> {}

/** An account with this email exists already, whatever the case. */
export class EmailTaken extends Schema.TaggedError<EmailTaken>()("EmailTaken", { email: Schema.String }) {
  override get message() {
    return "An account with this email exists already"
  }
}

/** No account has this id. */
export class AccountNotFound extends Schema.TaggedError<AccountNotFound>()("AccountNotFound", {
  accountId: AccountId
}) {
  override get message() {
    return "There is no such account"
  }
}

/** Unknown email or wrong password: which of the two is not told. */
export class InvalidCredentials extends Schema.TaggedError<InvalidCredentials>()("InvalidCredentials", {}) {
  override get message() {
    return "Email or password is wrong"
  }
}
