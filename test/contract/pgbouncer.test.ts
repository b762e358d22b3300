import { Effect, Layer } from "effect"
import { describe } from "vitest"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { layer } from "../../src/adapters/postgres/index.ts"
import { obeysTheLaws } from "../support/contract.ts"
import { isInstalled, throughPgBouncer } from "../support/PgBouncer.ts"
import { freshDatabase } from "../support/postgres.ts"
import { oneLawPerStatement } from "./statements.ts"

const pooled = Layer.unwrap(
  Effect.map(Effect.flatMap(freshDatabase, throughPgBouncer), (url) =>
    Layer.provideMerge(layer(), layerClient({ url, pooler: "transaction" }))
  )
)

describe.skipIf(!isInstalled)("Behind PgBouncer in transaction mode", () => {
  obeysTheLaws("PostgreSQL", pooled, oneLawPerStatement)
})
