import { randomBytes } from "node:crypto"
import { Effect, Redacted } from "effect"
import { persistedSecret } from "../../adapters/pglite/index.ts"
import { secretBytes } from "../../settings/AuthSettings.ts"
import { Failure } from "./Failure.ts"
import type { Settings } from "./Settings.ts"

export const newSecret = (): Redacted.Redacted =>
  Redacted.make(randomBytes(secretBytes).toString("base64url"))

/** Returns `JWT_SECRET`, or a random secret that is stored in `DATA_DIR` and readable only by its owner. */
export const signingSecret = ({
  auth: { jwtSecret },
  database: { embedded }
}: Settings): Effect.Effect<Redacted.Redacted, Failure> =>
  jwtSecret !== undefined
    ? Effect.succeed(jwtSecret)
    : Effect.mapError(
        persistedSecret(embedded),
        ({ message }) => new Failure({ line: `DATA_DIR: ${message}` })
      )
