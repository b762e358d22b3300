import { Effect, Layer } from "effect"
import { layer, layerPool } from "../../src/adapters/postgres/index.ts"
import { laws } from "../../src/testing/contract/index.ts"
import { obeysTheLaws } from "../support/contract.ts"
import { freshDatabase } from "../support/postgres.ts"
import { scopedPool, sharedPools } from "../support/sharedPools.ts"
import { oneLawPerStatement } from "./statements.ts"

/** All laws on the first of each library. Settings of hosts change how statements are sent and read, so one law for each does. */
const thorough = new Set(["a Pool of node-postgres with parsers of its own", "a client of postgres.js"])

for (const { name, open } of sharedPools) {
  const client = Layer.unwrap(Effect.map(scopedPool(open)(freshDatabase), ({ pool }) => layerPool(pool)))
  obeysTheLaws(
    `on ${name}`,
    Layer.provideMerge(layer(), client),
    thorough.has(name) ? laws : oneLawPerStatement
  )
}
