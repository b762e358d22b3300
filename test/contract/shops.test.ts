import { assert } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Redacted, Schema } from "effect"
import { layerClient, layerShops } from "../../src/adapters/postgres/index.ts"
import { ShopName } from "../../src/domain/shops/ShopName.ts"
import { ShopDirectory } from "../../src/ports/ShopDirectory.ts"
import { Shops } from "../../src/services/Shops.ts"
import { areRight, created, shopsLayer, trade } from "../shops/support.ts"
import { obeysTheLaws } from "../support/contract.ts"
import { freshDatabase } from "../support/postgres.ts"

const acme = Schema.decodeSync(ShopName)("acme")
const neighbours = ["globex", "initech"] as const

/** The stores of a shop that shares process and pool with two others, which trade for as long as the laws are checked. */
const amongBusyShops = Layer.effectContext(
  Effect.gen(function* () {
    const url = yield* freshDatabase
    const client = layerClient({ url: Redacted.make(Redacted.value(url)), pool: 10 })
    const built = yield* Layer.build(shopsLayer(Layer.provide(layerShops(), client)))
    const shops = Context.get(built, Shops)
    yield* created(shops, acme, ...neighbours)
    let traded = 0
    const trading = yield* Effect.forEach(neighbours, (name) =>
      Effect.forkScoped(
        Effect.forEach(
          Array.from({ length: 100_000 }, (_, round) => round),
          (round) => Effect.tap(shops.use(name, trade(round)), () => Effect.sync(() => (traded += 1))),
          { discard: true }
        )
      )
    )
    // They have traded until now, and their data are right.
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        // Also if one law alone is checked.
        yield* Effect.repeat(Effect.sleep("20 millis"), { until: () => traded > 10 })
        assert.isTrue(trading.every((fiber) => fiber.pollUnsafe() === undefined))
        yield* Fiber.interruptAll(trading)
        yield* areRight(shops, neighbours)
      }).pipe(Effect.orDie)
    )
    return yield* Layer.build(Context.get(built, ShopDirectory).stores(acme))
  })
)

obeysTheLaws("a shop among busy ones [M1]", amongBusyShops)
