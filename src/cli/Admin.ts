import { randomBytes } from "node:crypto"
import { Effect, Redacted } from "effect"
import type { InvalidInput } from "../domain/InvalidInput.ts"
import { Accounts } from "../services/Accounts.ts"
import { Failure } from "./Failure.ts"
import type { Settings } from "./Settings.ts"
import { unreachable } from "./Shop.ts"

const variables: Record<string, string> = { "/email": "ADMIN_EMAIL", "/password": "ADMIN_PASSWORD" }

const faults = ({ errors }: InvalidInput) =>
  new Failure({
    line: errors.map(({ path, message }) => `${variables[path] ?? path}: ${message}`).join("; ")
  })

/** The failures of making an admin, as lines. */
export const explain = {
  InvalidInput: faults,
  EmailTaken: () =>
    new Failure({ line: "ADMIN_EMAIL: this email belongs to an account already, which is not promoted" }),
  HasherBusy: (error: Error) => new Failure({ line: error.message }),
  StoreUnavailable: unreachable
}

/** The admin that this start has made, with its password if it is to be told. */
export interface Admin {
  readonly email: string
  readonly password: string | undefined
}

const embeddedEmail = "admin@localhost"

/** Makes the admin that the settings name. The embedded database gets one of its own with its first start. */
export const ensureAdmin = Effect.fnUntraced(function* (
  settings: Settings
): Effect.fn.Return<Admin | undefined, Failure, Accounts> {
  const accounts = yield* Accounts
  const { adminEmail, adminPassword, databaseUrl } = settings
  if (adminEmail !== undefined && adminPassword !== undefined) {
    const input = { email: adminEmail, password: Redacted.value(adminPassword) }
    yield* Effect.catchTags(accounts.ensureAdmin(input), explain)
    return { email: adminEmail, password: undefined }
  }
  if (databaseUrl !== undefined) return undefined
  const password = randomBytes(12).toString("base64url")
  const { created } = yield* Effect.catchTags(
    accounts.ensureAdmin({ email: embeddedEmail, password }),
    explain
  )
  return { email: embeddedEmail, password: created ? password : undefined }
})
