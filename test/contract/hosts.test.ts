import { Layer } from "effect"
import { layer, layerHost } from "../../src/adapters/postgres/index.ts"
import { suites } from "../../src/testing/contract/index.ts"
import { obeysTheLaws } from "../support/contract.ts"
import { hosts } from "../support/hosts.ts"
import { oneLawPerStatement } from "./statements.ts"

/** All but the feed's: nothing is in the feed before it is committed. */
const { feed, ...inside } = suites
const all = Object.values(inside).flat()

/** The slowest hosts obey one law for each statement on every change, and all laws with `ALL_LAWS=1`, as `npm run check:databases` runs them. */
const slow = ["TypeORM", "MikroORM", "Prisma"]
const some = new Set(oneLawPerStatement)

for (const { name, connection } of hosts) {
  const stores = Layer.provide(layer(), layerHost)
  const isPart = slow.includes(name) && process.env.ALL_LAWS === undefined
  obeysTheLaws(
    `inside a transaction of ${name}`,
    Layer.merge(stores, connection),
    isPart ? all.filter((law) => some.has(law)) : all
  )
}
