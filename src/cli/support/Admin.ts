import { randomBytes } from "node:crypto"
import { Effect, Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import { firstAdmin } from "../../adapters/postgres/accounts/AccountRecords.ts"
import type { InvalidInput } from "../../domain/shared/InvalidInput.ts"
import { Accounts } from "../../services/Accounts.ts"
import type { RegisterInput } from "../../services/inputs/Accounts.ts"
import { Failure } from "./Failure.ts"
import { unreachable } from "./Layers.ts"
import type { Settings } from "./Settings.ts"

/** Names of the variables or flags that contain the email address and the password. */
export interface Sources {
  readonly email: string
  readonly password: string
}

const variables: Sources = { email: "ADMIN_EMAIL", password: "ADMIN_PASSWORD" }

/** Translates failures of creating an admin into messages that name the flag or variable at fault. */
export const explain = (settings: Settings, { email, password }: Sources) => ({
  InvalidInput: ({ errors }: InvalidInput) =>
    new Failure({
      line: errors
        .map(({ path, message }) => `${path === "/email" ? email : password}: ${message}`)
        .join("; ")
    }),
  EmailTaken: () =>
    new Failure({ line: `${email}: an account with this email address already exists and is not promoted` }),
  HasherBusy: (error: Error) => new Failure({ line: error.message }),
  StoreUnavailable: unreachable(settings)
})

/** The admin of this start. `password` is present if it was generated now and must be shown. */
export interface Admin {
  readonly email: string
  readonly password: string | undefined
}

/** The admin that a start on an embedded database creates. */
export const embeddedEmail = "admin@localhost"

/**
 * Creates the admin of the settings. A start on an embedded database without any admin creates one with a random password.
 */
export const ensureAdmin = Effect.fnUntraced(function* (
  settings: Settings
): Effect.fn.Return<Admin | undefined, Failure, Accounts | SqlClient.SqlClient> {
  const accounts = yield* Accounts
  const { adminEmail, adminPassword } = settings.server
  const ensure = (input: RegisterInput) =>
    Effect.catchTags(accounts.ensureAdmin(input), explain(settings, variables))
  if (adminEmail !== undefined && adminPassword !== undefined) {
    yield* ensure({ email: adminEmail, password: Redacted.value(adminPassword) })
    return { email: adminEmail, password: undefined }
  }
  if (settings.database.url !== undefined) return undefined
  const email = yield* Effect.mapError(firstAdmin(settings.database.schema), unreachable(settings))
  if (email !== undefined) return { email, password: undefined }
  const password = randomBytes(12).toString("base64url")
  yield* ensure({ email: embeddedEmail, password })
  return { email: embeddedEmail, password }
})
