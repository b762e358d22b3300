import { randomBytes } from "node:crypto"
import fs from "node:fs/promises"
import path from "node:path"
import { Effect, Redacted } from "effect"
import { EmbeddedUnavailable } from "../../ports/errors.ts"
import { makePrivateDirectory } from "./PrivateDirectory.ts"

const random = () => randomBytes(32).toString("base64url")

/** Makes the secret the first time; whoever comes second takes what is there. */
const keep = async (file: string): Promise<string> => {
  await makePrivateDirectory(path.dirname(file))
  try {
    await fs.writeFile(file, random(), { flag: "wx", mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
  }
  return (await fs.readFile(file, "utf8")).trim()
}

/**
 * A secret to sign tokens with, made once and kept beside the embedded data, for its owner's eyes only; with data in
 * "memory" it ends with them.
 */
export const persistedSecret = (dataDir: string): Effect.Effect<Redacted.Redacted, EmbeddedUnavailable> => {
  if (dataDir === "memory") return Effect.sync(() => Redacted.make(random()))
  const file = path.resolve(dataDir, "jwt-secret")
  return Effect.tryPromise({
    try: () => keep(file),
    catch: (cause) =>
      new EmbeddedUnavailable({ message: `The secret of the tokens cannot be kept in ${file}`, cause })
  }).pipe(Effect.map((secret) => Redacted.make(secret)))
}
