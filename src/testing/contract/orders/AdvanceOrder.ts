import { Effect, Result } from "effect"
import { advance } from "../../../domain/orders/AdvanceOrder.ts"
import { IllegalTransition, statuses } from "../../../domain/orders/Lifecycle.ts"
import { OrderNotFound } from "../../../domain/orders/Order.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { OrderId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { newAttribution, newId, orderIn, shop } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder } from "../operations/ShopSnapshot.ts"

const steps = ["shipped", "completed"] as const

export const advancingLaws: ReadonlyArray<Law> = [
  law(
    "a legal step advances the order and adds one event; an illegal step is refused and changes nothing [O1] [O4]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(1000, 1000)
      const [one, two] = own.products
      for (const status of statuses) {
        for (const step of steps) {
          const lines = [[one, 2] as const, ...(two === undefined ? [] : [[two, 3] as const])]
          const order = yield* orderIn(status, own, lines)
          const history = yield* store.history(order.id)
          const attribution = yield* newAttribution
          const decision = advance(order, step, attribution)
          if (Result.isFailure(decision)) {
            yield* changesNothing(
              own,
              refused(store.advance(order.id, step, attribution, undefined), decision.failure)
            )
          } else {
            yield* same(
              yield* store.advance(order.id, step, attribution, undefined),
              firstTime(decision.success.order)
            )
            yield* same(yield* readOrder(order.id), decision.success.order)
            yield* same(yield* store.history(order.id), [...history, decision.success.event])
          }
        }
      }
      yield* checkIntegrity(own)
    })
  ),

  law(
    "an unknown order cannot be advanced",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const orderId = yield* newId(OrderId)
      for (const step of steps) {
        yield* refused(
          store.advance(orderId, step, yield* newAttribution, undefined),
          new OrderNotFound({ orderId })
        )
      }
    })
  ),

  law(
    "ten concurrent shipments of one order: one succeeds",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10)
      const { id } = yield* orderIn("PAID", own, [[own.products[0], 1]])
      const attributions = yield* Effect.replicateEffect(newAttribution, 10)
      const [shipped, refusals] = yield* concurrently(
        attributions.map((attribution) => store.advance(id, "shipped", attribution, undefined))
      )
      const again = new IllegalTransition({ orderId: id, from: "SHIPPED", to: "SHIPPED" })
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => again)
      )
      yield* same(shipped, [firstTime(yield* readOrder(id))])
      yield* checkIntegrity(own)
    })
  )
]
