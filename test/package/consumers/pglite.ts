import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as Embedded from "effect-commerce/pglite"

const one = SqlClient.SqlClient.use((sql) => sql<{ one: number }>`SELECT 1 AS one`)
const found = await Effect.runPromise(
  Effect.match(Effect.provide(one, Embedded.layerClient({ dataDir: "memory" })), {
    onSuccess: ([row]) => `found ${row?.one}`,
    onFailure: (error) => error.message
  })
)
console.log(found)
