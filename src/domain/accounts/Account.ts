import { Result, Schema } from "effect"
import { AccountId } from "../shared/Ids.ts"
import { Instant } from "../shared/Instant.ts"
import { paging } from "../shared/Page.ts"
import { Address, isStorable, normalizeKey, preparePassword, StoredText, Text } from "../shared/Text.ts"

/**
 * Schema of an email address: one `@` with visible characters on both sides, at most 254 characters. Stricter patterns
 * would refuse valid addresses.
 */
export const Email = Address(254)

/** Returns the key by which accounts are unique: the email address in canonical lower case, without look-alikes. */
export const normalizeEmail = normalizeKey

const utf8 = new TextEncoder()

const expected = "8 characters or more, and at most 72 bytes in UTF-8"

const isLongEnough = Schema.makeFilter<string>((password) => [...preparePassword(password)].length >= 8, {
  expected
})

const fitsBcrypt = Schema.makeFilter<string>(
  (password) => utf8.encode(preparePassword(password)).length <= 72,
  { expected, toJsonSchema: () => ({ maxLength: 72 }) }
)

/**
 * Schema of a new password: at least 8 characters, at most 72 bytes in UTF-8, both after `preparePassword`. bcrypt
 * ignores all bytes after the 72nd, so longer passwords are refused.
 */
export const Password = Schema.String.check(
  isStorable,
  Schema.isMinCodePoints(8, { expected }).abort(),
  isLongEnough,
  fitsBcrypt
)

/** Role of an account. `customer` is the role of every registration; `admin` manages the shop. */
export const Role = Schema.Literals(["customer", "admin"])
export type Role = typeof Role.Type

/** An account, without its password. `disabledAt` is present while the account is disabled. */
export const Account = Schema.Struct({
  id: AccountId,
  email: StoredText,
  role: Role,
  createdAt: Instant,
  disabledAt: Schema.optionalKey(Instant)
}).annotate({ identifier: "Account" })
export interface Account extends Schema.Schema.Type<typeof Account> {}

/** Filters and paging of a list of accounts. `email` selects the account that has it, ignoring case. */
export const AccountQuery = Schema.Struct({ email: Schema.optional(Text(254)), ...paging })

/** Sort key of a list of accounts, newest first. */
export const AccountKey = Schema.Tuple([AccountId])

/** Input of a registration. */
export const Registration = Schema.Struct({ email: Email, password: Password }).annotate({
  identifier: "Registration"
})

/** Input of a login. It has no password policy: an old password still works after the policy changes. */
export const Login = Schema.Struct({ email: Text(254), password: Text(1000) }).annotate({
  identifier: "Login"
})

/** Input of a password change by the account itself. */
export const PasswordChange = Schema.Struct({ currentPassword: Text(1000), newPassword: Password }).annotate({
  identifier: "PasswordChange"
})

/**
 * Tokens of a session. `expiresIn` is the lifetime of the access token in seconds. The refresh token works once.
 */
export const Tokens = Schema.Struct({
  accessToken: Schema.String,
  refreshToken: Schema.String,
  tokenType: Schema.Literal("Bearer"),
  expiresIn: Schema.Int
}).annotate({ identifier: "Tokens" })
export interface Tokens extends Schema.Schema.Type<typeof Tokens> {}

/** Refusal: another account has this email address. Case is ignored. */
export class EmailTaken extends Schema.TaggedError<EmailTaken>()("EmailTaken", { email: Schema.String }) {
  override get message() {
    return "An account with this email address already exists."
  }
}

/** Refusal: no account has this id. */
export class AccountNotFound extends Schema.TaggedError<AccountNotFound>()("AccountNotFound", {
  accountId: AccountId
}) {
  override get message() {
    return `No account has the id ${this.accountId}.`
  }
}

/** Reason why an account is not disabled. */
export const DisableReason = Schema.Literals(["own account", "last admin"])

const explanations: Record<typeof DisableReason.Type, string> = {
  "own account": "An admin cannot disable their own account.",
  "last admin": "The last admin cannot be disabled: create another admin first."
}

/** Refusal: an admin cannot disable the own account, nor the last admin. */
export class DisableRefused extends Schema.TaggedError<DisableRefused>()("DisableRefused", {
  accountId: AccountId,
  reason: DisableReason
}) {
  override get message() {
    return explanations[this.reason]
  }
}

/** Decides whether an admin can be disabled. `enabled` are the ids of all admins who are not disabled. */
export const disableAdmin = (
  accountId: AccountId,
  enabled: ReadonlyArray<AccountId>
): Result.Result<void, DisableRefused> =>
  enabled.length === 1 && enabled[0] === accountId
    ? Result.fail(new DisableRefused({ accountId, reason: "last admin" }))
    : Result.void

/**
 * Refusal: the email address is unknown or the password is wrong. The error does not say which, so that addresses
 * cannot be enumerated.
 */
export class InvalidCredentials extends Schema.TaggedError<InvalidCredentials>()("InvalidCredentials", {}) {
  override get message() {
    return "The email address or the password is wrong."
  }
}

/** Refusal: the current password is another. */
export class WrongPassword extends Schema.TaggedError<WrongPassword>()("WrongPassword", {}) {
  override get message() {
    return "The current password is wrong."
  }
}
