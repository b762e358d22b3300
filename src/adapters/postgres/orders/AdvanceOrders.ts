import { Effect, Result } from "effect"
import { type Advanced, advance } from "../../../domain/orders/AdvanceOrder.ts"
import type { IllegalTransition } from "../../../domain/orders/Lifecycle.ts"
import { type Order, OrderNotFound } from "../../../domain/orders/Order.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import type { Attribution, OrderStore } from "../../../ports/OrderStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { lockOrders, saveAdvanced } from "./OrderRecords.ts"

interface Advance extends Attribution {
  readonly orderId: OrderId
  readonly step: "shipped" | "completed"
}

/** Steps of the same order are saved one after the other, those of different orders together. */
const inTurns = (steps: ReadonlyArray<Advanced>): ReadonlyArray<ReadonlyArray<Advanced>> => {
  const turns: Array<Array<Advanced>> = []
  const taken = new Map<OrderId, number>()
  for (const step of steps) {
    const turn = taken.get(step.order.id) ?? 0
    taken.set(step.order.id, turn + 1)
    turns[turn] ??= []
    turns[turn].push(step)
  }
  return turns
}

/** Takes orders one step along their lifecycle, as many as come together. */
export const advanceOrders = Effect.gen(function* () {
  const lock = yield* lockOrders
  const save = yield* saveAdvanced

  const submit = yield* batcher<Advance, Order, OrderNotFound | IllegalTransition>({
    name: "advance orders",
    execute: (steps) =>
      Effect.gen(function* () {
        const orders = new Map(yield* lock(steps.map(({ orderId }) => orderId)))
        const advanced: Array<Advanced> = []
        const decided = steps.map(({ orderId, step, at, actor }) => {
          const order = orders.get(orderId)
          if (order === undefined) return Result.fail(new OrderNotFound({ orderId }))
          return Result.map(advance(order, step, { at, actor }), (done) => {
            advanced.push(done)
            orders.set(orderId, done.order)
            return done.order
          })
        })
        for (const turn of inTurns(advanced)) yield* save(turn)
        return decided
      }),
    lockTargets: ({ orderId }) => [{ table: "orders", id: orderId }]
  })
  const advanceOne: OrderStore["Service"]["advance"] = (orderId, step, attribution) =>
    submit({ orderId, step, ...attribution })
  return advanceOne
})
