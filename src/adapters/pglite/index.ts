import { PgClient } from "@effect/sql-pg"
import { Duration, Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql"
import type { DataDirectoryInUse, EmbeddedUnavailable, StoreUnavailable } from "../../ports/errors.ts"
import type { Stores } from "../../ports/Stores.ts"
import { migrate, type SchemaTooNew, layer as stores } from "../postgres/index.ts"
import { checkpoints } from "./Checkpoints.ts"
import { openDirectory, openInMemory } from "./OpenPGlite.ts"
import { wireProtocolStreams } from "./WireProtocolStream.ts"

export { DataDirectoryInUse, EmbeddedUnavailable } from "../../ports/errors.ts"
export { persistedSecret } from "./PersistedSecret.ts"

interface Options {
  /** A directory, made if there is none, or "memory" for a database that ends with the layer. */
  readonly dataDir: string
}

const make = Effect.fnUntraced(function* ({ dataDir }: Options) {
  const database = yield* dataDir === "memory" ? openInMemory : openDirectory(dataDir)
  const client = yield* PgClient.make({
    stream: wireProtocolStreams(database),
    username: "postgres",
    database: "postgres",
    minConnections: 1,
    maxConnections: 1,
    connectTimeout: Duration.infinity
  }).pipe(Effect.orDie)
  yield* Effect.forkScoped(checkpoints(client))
  return client
})

/**
 * A SQL client on PostgreSQL inside this process (PGlite), with nothing to install or start. It has one connection:
 * statements and transactions take turns, and `listen` would hold it for good. A statement holds the event loop
 * while it runs and cannot be interrupted.
 *
 * What was acknowledged survives the end of the process, `kill -9` included. It is with the operating system then,
 * but not certainly on the disk, since PGlite cannot sync: a power cut may cost the last seconds or the database.
 */
export const layerClient = (
  options: Options
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, DataDirectoryInUse | EmbeddedUnavailable> =>
  PgClient.layerFrom(make(options))

interface StoreOptions extends Options {
  /** The PostgreSQL schema of all tables; `commerce` if absent. */
  readonly schema?: string | undefined
}

/** All stores on PostgreSQL inside this process, with their tables up to date, and the client below them. */
export const layer = ({
  dataDir,
  schema
}: StoreOptions): Layer.Layer<
  Stores | PgClient.PgClient | SqlClient.SqlClient,
  DataDirectoryInUse | EmbeddedUnavailable | SchemaTooNew | StoreUnavailable
> =>
  Layer.provideMerge(
    stores({ schema }),
    Layer.tap(layerClient({ dataDir }), (client) => Effect.provideContext(migrate(schema), client))
  )
