import { PgClient } from "@effect/sql-pg"
import { Duration, Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql"
import {
  type DatabaseRefused,
  type DataDirectoryInUse,
  EmbeddedUnavailable,
  type StoreUnavailable
} from "../../ports/errors.ts"
import type { Stores } from "../../ports/Stores.ts"
import { dataDirectoryOf } from "../../settings/DataDirectory.ts"
import {
  Limits,
  migrate,
  type SchemaSettings,
  type SchemaTooNew,
  layer as stores,
  TimeSource
} from "../postgres/index.ts"
import { checkpoints } from "./Checkpoints.ts"
import { openDirectory, openInMemory } from "./OpenPGlite.ts"
import { wireProtocolStreams } from "./WireProtocolStream.ts"

export { DataDirectoryInUse, EmbeddedUnavailable } from "../../ports/errors.ts"
export { persistedSecret } from "./PersistedSecret.ts"

interface Options {
  /** Data directory, created if it does not exist, or "memory" for a database that ends with the layer. */
  readonly dataDir: string
}

const make = Effect.fnUntraced(function* ({ dataDir }: Options) {
  const directory = dataDirectoryOf(dataDir)
  if (directory === undefined) {
    const message = `"${dataDir}" names no data directory: expected a directory, file://path, memory or memory://.`
    return yield* new EmbeddedUnavailable({ message, cause: new Error(message) })
  }
  const database = yield* directory === "memory" ? openInMemory : openDirectory(directory)
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
 * All work waits for the one connection, which no other process and no network can hold up. To wait for a turn is no outage, unless
 * it takes a minute.
 */
const patient = Layer.effect(
  Limits,
  Effect.map(Limits, (limits) => ({ ...limits, acquireTimeout: Math.max(limits.acquireTimeout, 60_000) }))
)

/**
 * Provides a SQL client for PostgreSQL inside this process (PGlite). Fails with `DataDirectoryInUse` or
 * `EmbeddedUnavailable`.
 *
 * It has one connection: statements and transactions run one after the other, and `listen` would block the
 * connection. A running statement blocks the event loop and cannot be interrupted.
 *
 * Acknowledged commits survive the end of the process, `kill -9` included. PGlite cannot sync to disk: a power
 * failure may lose the last seconds or corrupt the database.
 */
export const layerClient = (
  options: Options
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, DataDirectoryInUse | EmbeddedUnavailable> =>
  Layer.mergeAll(PgClient.layerFrom(make(options)), Layer.succeed(TimeSource, "process"), patient)

interface StoreOptions extends Options, SchemaSettings {}

/**
 * Provides all stores on PGlite, and their SQL client. Migrates the schema first. Also fails with `SchemaTooNew`,
 * `DatabaseRefused` or `StoreUnavailable`.
 */
export const layer = ({
  dataDir,
  schema
}: StoreOptions): Layer.Layer<
  Stores | PgClient.PgClient | SqlClient.SqlClient,
  DataDirectoryInUse | EmbeddedUnavailable | SchemaTooNew | DatabaseRefused | StoreUnavailable
> =>
  Layer.provideMerge(
    stores({ schema }),
    Layer.tap(layerClient({ dataDir }), (client) => Effect.provideContext(migrate(schema), client))
  )
