import path from "node:path"
import type { PGlite } from "@electric-sql/pglite"
import { Effect, type Scope } from "effect"
import { type DataDirectoryInUse, EmbeddedUnavailable } from "../../ports/errors.ts"
import { lockDirectory } from "./DataLock.ts"
import { damageOf, madeBy, markCreated } from "./DataMark.ts"
import { makePrivateDirectory } from "./PrivateDirectory.ts"

const attempt = <A>(message: string, run: () => Promise<A>): Effect.Effect<A, EmbeddedUnavailable> =>
  Effect.tryPromise({ try: run, catch: (cause) => new EmbeddedUnavailable({ message, cause }) })

/** The name is an argument: otherwise bundlers fail where PGlite is not installed, and separate it from its files elsewhere. */
const load = (name: string): Promise<typeof import("@electric-sql/pglite")> =>
  import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name)

const loadPGlite = attempt(
  "The embedded database needs PGlite, which could not be loaded. Run: npm install @electric-sql/pglite",
  () => load("@electric-sql/pglite")
)

const start = (directory?: string): Effect.Effect<PGlite, EmbeddedUnavailable, Scope.Scope> =>
  Effect.flatMap(loadPGlite, ({ PGlite }) =>
    Effect.acquireRelease(
      attempt(`The embedded database could not be started in ${directory ?? "memory"}.`, () =>
        PGlite.create(directory)
      ),
      (database) => Effect.promise(() => database.close())
    )
  )

/** Opens a database in memory. Its data ends with the scope. */
export const openInMemory: Effect.Effect<PGlite, EmbeddedUnavailable, Scope.Scope> = start()

/** PGlite makes its files world-readable, so they lie in a directory that only its owner may enter. */
const filesOf = (directory: string) => path.join(directory, "pgdata")

/** PGlite itself does not say that files of another major version are the reason. */
const explained = Effect.fnUntraced(function* (error: EmbeddedUnavailable, directory: string, files: string) {
  const made = yield* Effect.promise(() => madeBy(files))
  const { rows } = yield* Effect.scoped(
    Effect.flatMap(openInMemory, (database) =>
      Effect.promise(() => database.query<{ server_version: string }>("SHOW server_version"))
    )
  )
  const own = String(Number.parseInt(rows[0]?.server_version ?? "", 10))
  if (made === own) return yield* error
  return yield* new EmbeddedUnavailable({
    message:
      `The database in ${directory} was made by PostgreSQL ${made}, and this PGlite has PostgreSQL ${own}. ` +
      "To move it, open it with the version of @electric-sql/pglite that made it, write a dump with @electric-sql/pglite-tools, and restore that into a new directory",
    cause: error.cause
  })
})

/** Opens the database in a directory and locks it for this scope. Creates the directory if it does not exist. */
export const openDirectory = Effect.fnUntraced(function* (
  dataDir: string
): Effect.fn.Return<PGlite, DataDirectoryInUse | EmbeddedUnavailable, Scope.Scope> {
  const directory = path.resolve(dataDir)
  const files = filesOf(directory)
  yield* attempt(`The data directory ${directory} could not be created.`, () => makePrivateDirectory(files))
  yield* lockDirectory(directory)
  const unmarked = `The data directory ${directory} could not be examined.`
  const damage = yield* attempt(unmarked, () => damageOf(directory, files))
  if (damage !== undefined) {
    return yield* new EmbeddedUnavailable({ message: damage, cause: new Error(damage) })
  }
  const database = yield* Effect.catch(start(files), (error) => explained(error, directory, files))
  yield* attempt(unmarked, () => markCreated(directory, files))
  return database
})
