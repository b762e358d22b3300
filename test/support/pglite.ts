import { Effect, Layer } from "effect"
import { layer, layerClient } from "../../src/adapters/pglite/index.ts"
import { migrate } from "../../src/adapters/postgres/index.ts"
import { emptyDataDirectory } from "./dataDirectory.ts"

/** PostgreSQL inside this process, migrated; gone with the layer. */
export const pgliteClient = Layer.unwrap(
  Effect.map(emptyDataDirectory, (dataDir) =>
    Layer.tap(layerClient({ dataDir }), (client) => Effect.provide(migrate(), client))
  )
)

/** All stores, and the client below them, on PGlite; gone with the layer. */
export const pgliteStores = Layer.unwrap(Effect.map(emptyDataDirectory, (dataDir) => layer({ dataDir })))
