import type { Duration, Redacted } from "effect"
import { durationWithDefault, groupSchema, optional, withDefault } from "./Setting.ts"
import { integer, listOf, redactedText } from "./SettingValue.ts"

/** The bytes that a secret has at least: HS256 needs as many (RFC 7518, section 3.2). */
export const secretBytes = 32

const secret = redactedText(
  `at least ${secretBytes} bytes`,
  (text) => new TextEncoder().encode(text).length >= secretBytes
)

/** The settings of accounts, tokens and passwords. */
export const authSettings = {
  jwtSecret: optional(secret, {
    description: `Secret that signs access tokens, at least ${secretBytes} bytes, the same in all processes. Required with \`database.url\`.`,
    variable: "JWT_SECRET",
    isSecret: true,
    fallback: "a random secret that is kept in the directory of the embedded database"
  }),
  previousSecrets: withDefault(listOf(`${secret.expected} each, separated by commas`, secret), {
    description:
      "Further secrets whose access tokens are accepted, so that the secret can be replaced while processes run.",
    isSecret: true,
    variable: "JWT_PREVIOUS_SECRETS",
    default: []
  }),
  bcryptCost: withDefault(integer(4, 15), {
    description: "Cost of a new password hash, 4 to 15: each step doubles the time that it takes.",
    variable: "BCRYPT_COST",
    default: 12
  }),
  accessTokenTtl: durationWithDefault("15 minutes", {
    description: "How long an access token is valid, in whole seconds.",
    variable: "ACCESS_TOKEN_TTL"
  }),
  refreshTokenTtl: durationWithDefault("30 days", {
    description: "How long a login can be refreshed.",
    variable: "REFRESH_TOKEN_TTL"
  }),
  passwordResetTtl: durationWithDefault("1 hour", {
    description: "How long a token can be used that resets a password.",
    variable: "PASSWORD_RESET_TTL"
  })
} as const

/** Decodes the settings of accounts, tokens and passwords. */
export const Auth = groupSchema(authSettings)
/** The decoded settings of accounts, tokens and passwords. */
export interface Auth extends Readonly<typeof Auth.Type> {}

/** Accounts, tokens and passwords. */
export interface AuthSettings {
  /**
   * Secret that signs access tokens, at least 32 bytes, the same in all processes. Required with
   * `database.url`. Defaults to a random secret that is kept in the directory of the embedded database.
   */
  readonly jwtSecret?: string | Redacted.Redacted | undefined
  /**
   * Further secrets whose access tokens are accepted, so that the secret can be replaced while processes run.
   * Defaults to none.
   */
  readonly previousSecrets?: ReadonlyArray<string | Redacted.Redacted> | undefined
  /** Cost of a new password hash, 4 to 15: each step doubles the time that it takes. Defaults to `12`. */
  readonly bcryptCost?: number | undefined
  /** How long an access token is valid, in whole seconds. Defaults to `"15 minutes"`. */
  readonly accessTokenTtl?: Duration.Input | undefined
  /** How long a login can be refreshed. Defaults to `"30 days"`. */
  readonly refreshTokenTtl?: Duration.Input | undefined
  /** How long a token can be used that resets a password. Defaults to `"1 hour"`. */
  readonly passwordResetTtl?: Duration.Input | undefined
}
