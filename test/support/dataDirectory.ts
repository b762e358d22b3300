/** Data directories of PGlite that need no first start, which is most of the work of opening one. */
import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { cp, mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PGlite } from "@electric-sql/pglite"
import { Effect, Layer } from "effect"
import { inject } from "vitest"
import { layerClient } from "../../src/adapters/pglite/index.ts"

/** What a first start leaves behind; made by the first test of the run that asks for it. */
const template = join(inject("programs"), "data")

const makeTemplate = Effect.gen(function* () {
  if (existsSync(template)) return
  const made = `${template}-${randomUUID()}`
  yield* Effect.scoped(Layer.build(Layer.fresh(layerClient({ dataDir: made }))))
  // Another worker may have been faster; then there is one already.
  yield* Effect.promise(() => rename(made, template).catch(() => {}))
}).pipe(Effect.orDie)

/** Makes a directory what the first start of an embedded database makes of it: there are no tables in it. */
export const fillDataDirectory = (path: string): Effect.Effect<void> =>
  Effect.andThen(
    makeTemplate,
    Effect.promise(() => cp(template, path, { recursive: true }))
  )

/** A data directory without any table, gone with the scope. */
export const emptyDataDirectory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "effect-commerce-data-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
).pipe(Effect.tap(fillDataDirectory))

const archive = `${template}.tar`

const makeArchive = Effect.gen(function* () {
  if (existsSync(archive)) return
  const directory = yield* emptyDataDirectory
  yield* Effect.promise(async () => {
    const database = await PGlite.create(join(directory, "pgdata"))
    const dumped = await database.dumpDataDir("none")
    await database.close()
    const made = `${archive}-${randomUUID()}`
    await writeFile(made, dumped.stream())
    await rename(made, archive)
  })
}).pipe(Effect.scoped)

/** Arguments and environment of Node with which the databases in memory of a program need no first start either. */
export const preparedMemory = async () => {
  await Effect.runPromise(makeArchive)
  return {
    args: ["--import", join(import.meta.dirname, "preparedMemory.ts")],
    env: { PREPARED_DATA: archive }
  }
}
