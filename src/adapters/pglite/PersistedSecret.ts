import { randomBytes } from "node:crypto"
import fs from "node:fs/promises"
import path from "node:path"
import { Effect, Redacted } from "effect"
import { EmbeddedUnavailable } from "../../ports/errors.ts"
import { secretBytes } from "../../settings/AuthSettings.ts"
import { dataDirectoryOf } from "../../settings/DataDirectory.ts"
import { makePrivateDirectory } from "./PrivateDirectory.ts"

const random = () => randomBytes(secretBytes).toString("base64url")

/**
 * Reads the secret, and creates it first if the file does not exist. Flag `wx` makes concurrent calls agree on one
 * secret.
 */
const readOrCreate = async (file: string): Promise<string> => {
  await makePrivateDirectory(path.dirname(file))
  try {
    await fs.writeFile(file, random(), { flag: "wx", mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
  }
  return (await fs.readFile(file, "utf8")).trim()
}

/**
 * Returns the secret that signs tokens, and creates it on the first call.
 *
 * It is stored beside the embedded data, readable only by its owner. With data in "memory", each call returns a
 * new secret. Fails with `EmbeddedUnavailable`.
 */
export const persistedSecret = (dataDir: string): Effect.Effect<Redacted.Redacted, EmbeddedUnavailable> => {
  const directory = dataDirectoryOf(dataDir) ?? dataDir
  if (directory === "memory") return Effect.sync(() => Redacted.make(random()))
  const file = path.resolve(directory, "jwt-secret")
  return Effect.tryPromise({
    try: () => readOrCreate(file),
    catch: (cause) =>
      new EmbeddedUnavailable({ message: `The token secret cannot be stored in ${file}.`, cause })
  }).pipe(Effect.map((secret) => Redacted.make(secret)))
}
