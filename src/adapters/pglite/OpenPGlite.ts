import path from "node:path"
import type { PGlite } from "@electric-sql/pglite"
import { Effect, type Scope } from "effect"
import { type DataDirectoryInUse, EmbeddedUnavailable } from "../../ports/errors.ts"
import { lockDirectory } from "./DataLock.ts"
import { makePrivateDirectory } from "./PrivateDirectory.ts"

const attempt = <A>(message: string, run: () => Promise<A>): Effect.Effect<A, EmbeddedUnavailable> =>
  Effect.tryPromise({ try: run, catch: (cause) => new EmbeddedUnavailable({ message, cause }) })

const loadPGlite = attempt(
  "The embedded database needs PGlite, which could not be loaded: npm install @electric-sql/pglite",
  () => import("@electric-sql/pglite")
)

const start = (directory?: string): Effect.Effect<PGlite, EmbeddedUnavailable, Scope.Scope> =>
  Effect.flatMap(loadPGlite, ({ PGlite }) =>
    Effect.acquireRelease(
      attempt(`The embedded database could not be started in ${directory ?? "memory"}`, () =>
        PGlite.create(directory)
      ),
      (database) => Effect.promise(() => database.close())
    )
  )

/** A database that is gone when the scope closes. */
export const openInMemory: Effect.Effect<PGlite, EmbeddedUnavailable, Scope.Scope> = start()

/** PGlite writes its files readable by all, so they lie in a folder of their own that only its owner may enter. */
const filesOf = (directory: string) => path.join(directory, "pgdata")

/** The database in a directory, which is made if there is none, and held for this scope alone. */
export const openDirectory = Effect.fnUntraced(function* (
  dataDir: string
): Effect.fn.Return<PGlite, DataDirectoryInUse | EmbeddedUnavailable, Scope.Scope> {
  const directory = path.resolve(dataDir)
  const files = filesOf(directory)
  yield* attempt(`The data directory ${directory} could not be created`, () => makePrivateDirectory(files))
  yield* lockDirectory(directory)
  return yield* start(files)
})
