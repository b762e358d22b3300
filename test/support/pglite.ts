import { Effect, Layer } from "effect"
import { layer, layerClient } from "../../src/adapters/pglite/index.ts"
import { migrate } from "../../src/adapters/postgres/index.ts"

/** PostgreSQL inside this process, migrated; it keeps nothing. */
export const pgliteClient = Layer.tap(layerClient({ dataDir: "memory" }), (client) =>
  Effect.provide(migrate(), client)
)

/** All stores, and the client below them, on PGlite. */
export const pgliteStores = layer({ dataDir: "memory" })
