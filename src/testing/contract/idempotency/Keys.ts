import { Effect } from "effect"
import { IdempotencyKeyStore } from "../../../ports/IdempotencyKeyStore.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { newClaim, newNoon, newPlacement, shop } from "../Given.ts"
import { type Law, law, same } from "../Law.ts"
import { checkIntegrity } from "../operations/ShopSnapshot.ts"

export const keyLaws: ReadonlyArray<Law> = [
  law(
    "keys first used before a time are deleted in batches, and can then be used again",
    Effect.gen(function* () {
      const [keys, store] = [yield* IdempotencyKeyStore, yield* OrderStore]
      const own = yield* shop(100)
      const noon = yield* newNoon(1910, 1990)
      const used = yield* Effect.forEach([0, 1, 2, 3, 10], (n) =>
        Effect.gen(function* () {
          const fields = { idempotency: yield* newClaim("place order"), at: new Date(noon + n) }
          const placement = yield* newPlacement(own, [[own.products[0], 1]], fields)
          yield* store.place(placement)
          return placement
        })
      )
      const again = Effect.forEach(used, ({ idempotency }) =>
        Effect.flatMap(newPlacement(own, [[own.products[0], 1]], { idempotency }), store.place)
      )
      yield* same(yield* keys.prune(new Date(noon), 100, new Date(noon)), 0)
      const replays = (yield* again).map(({ replayed }) => replayed)
      yield* same(
        replays,
        used.map(() => true)
      )
      const pruned: Array<number> = []
      for (let n = 0; n < 3; n++) pruned.push(yield* keys.prune(new Date(noon + 10), 2, new Date(noon + 10)))
      yield* same(pruned, [2, 2, 0])
      const forgotten = (yield* again).map(({ replayed }) => replayed)
      yield* same(forgotten, [false, false, false, false, true])
      yield* checkIntegrity(own)
      yield* keys.prune(new Date(noon + 11), 1, new Date(noon + 11))
    })
  )
]
