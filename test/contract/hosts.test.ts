import { Layer } from "effect"
import { layer, layerHost } from "../../src/adapters/postgres/index.ts"
import { suites } from "../../src/testing/contract/index.ts"
import { obeysTheLaws } from "../support/contract.ts"
import { hosts } from "../support/hosts.ts"

/** All but the feed's: nothing is in the feed before it is committed. */
const { feed, ...inside } = suites

for (const { name, connection } of hosts) {
  const stores = Layer.provide(layer(), layerHost)
  obeysTheLaws(
    `inside a transaction of ${name}`,
    Layer.merge(stores, connection),
    Object.values(inside).flat()
  )
}
