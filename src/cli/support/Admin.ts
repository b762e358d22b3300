import { randomBytes } from "node:crypto"
import { Effect, Redacted } from "effect"
import type { InvalidInput } from "../../domain/shared/InvalidInput.ts"
import { Accounts } from "../../services/Accounts.ts"
import type { RegisterInput } from "../../services/inputs/Accounts.ts"
import { Failure } from "./Failure.ts"
import { unreachable } from "./Layers.ts"
import type { Settings } from "./Settings.ts"

/** Names of the variables or flags that gave the email and the password of an admin. */
export interface Given {
  readonly email: string
  readonly password: string
}

const byVariables: Given = { email: "ADMIN_EMAIL", password: "ADMIN_PASSWORD" }

/** Turns the failures of creating an admin into lines that name the wrong flag or variable. */
export const explain = ({ email, password }: Given) => ({
  InvalidInput: ({ errors }: InvalidInput) =>
    new Failure({
      line: errors
        .map(({ path, message }) => `${path === "/email" ? email : password}: ${message}`)
        .join("; ")
    }),
  EmailTaken: () =>
    new Failure({ line: `${email}: this email belongs to an account already, which is not promoted` }),
  HasherBusy: (error: Error) => new Failure({ line: error.message }),
  StoreUnavailable: unreachable
})

/** The admin of this start, with its password if it is printed. */
export interface Admin {
  readonly email: string
  readonly password: string | undefined
}

const embeddedEmail = "admin@localhost"

/** Creates the admin that the settings name if it is missing. The embedded database gets `admin@localhost` otherwise. */
export const ensureAdmin = Effect.fnUntraced(function* (
  settings: Settings
): Effect.fn.Return<Admin | undefined, Failure, Accounts> {
  const accounts = yield* Accounts
  const { adminEmail, adminPassword } = settings.server
  const ensure = (input: RegisterInput) => Effect.catchTags(accounts.ensureAdmin(input), explain(byVariables))
  if (adminEmail !== undefined && adminPassword !== undefined) {
    yield* ensure({ email: adminEmail, password: Redacted.value(adminPassword) })
    return { email: adminEmail, password: undefined }
  }
  if (settings.database.url !== undefined) return undefined
  const password = randomBytes(12).toString("base64url")
  const { created } = yield* ensure({ email: embeddedEmail, password })
  return { email: embeddedEmail, password: created ? password : undefined }
})
