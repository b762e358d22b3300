import { layer } from "@effect/vitest"
import { Layer } from "effect"
import { defaultLimits, Limits } from "../../../src/adapters/postgres/execution/Limits.ts"
import { laws } from "../../../src/testing/contract/index.ts"
import { checkWithSeed, onProcessTime } from "../../support/contract.ts"
import { freshStores } from "../../support/postgres.ts"

const smallPages = Layer.succeed(Limits, { ...defaultLimits, scanPageSize: 1 })

layer(onProcessTime(Layer.provide(freshStores, smallPages)), { excludeTestServices: true })(
  "a lease that reads one row at a time",
  (it) => {
    for (const { name, check } of laws.filter(({ name }) => name.includes("lease"))) {
      it.effect(name, () => checkWithSeed(check))
    }
  }
)
