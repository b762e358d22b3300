import { randomBytes } from "node:crypto"
import fs from "node:fs/promises"
import path from "node:path"
import { Effect, Redacted } from "effect"
import { Failure } from "./Failure.ts"
import type { Settings } from "./Settings.ts"

const random = () => randomBytes(32).toString("base64url")

export const newSecret = (): Redacted.Redacted => Redacted.make(random())

/** Makes the secret the first time; whoever comes second takes what is there. */
const keep = async (file: string): Promise<string> => {
  try {
    await fs.writeFile(file, random(), { flag: "wx", mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
  }
  return (await fs.readFile(file, "utf8")).trim()
}

/** `JWT_SECRET`, or one that is made once and kept in `DATA_DIR`, for its owner's eyes only. */
export const signingSecret = ({
  jwtSecret,
  dataDir
}: Settings): Effect.Effect<Redacted.Redacted, Failure> => {
  if (jwtSecret !== undefined) return Effect.succeed(jwtSecret)
  if (dataDir === "memory") return Effect.sync(newSecret)
  const file = path.resolve(dataDir, "jwt-secret")
  return Effect.tryPromise({
    try: async () => {
      await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
      return Redacted.make(await keep(file))
    },
    catch: () => new Failure({ line: `DATA_DIR: the secret of the tokens cannot be kept in ${file}` })
  })
}
