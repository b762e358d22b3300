import { Effect, Result } from "effect"
import { type Advanced, advance } from "../../../domain/orders/AdvanceOrder.ts"
import type { IllegalTransition } from "../../../domain/orders/Lifecycle.ts"
import { type Order, OrderNotFound } from "../../../domain/orders/Order.ts"
import type { Attribution } from "../../../domain/shared/Attribution.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import type { OrderStore } from "../../../ports/OrderStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { lockOrders, saveAdvanced } from "./OrderRecords.ts"

interface Advance extends Attribution {
  readonly orderId: OrderId
  readonly step: "shipped" | "completed"
}

/**
 * Splits transitions into rounds with at most one transition per order. One statement can update a row only once.
 */
const inRounds = (steps: ReadonlyArray<Advanced>): ReadonlyArray<ReadonlyArray<Advanced>> => {
  const rounds: Array<Array<Advanced>> = []
  const nextRound = new Map<OrderId, number>()
  for (const step of steps) {
    const round = nextRound.get(step.order.id) ?? 0
    nextRound.set(step.order.id, round + 1)
    rounds[round] ??= []
    rounds[round].push(step)
  }
  return rounds
}

/** Applies transitions to a batch of orders. */
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
        for (const round of inRounds(advanced)) yield* save(round)
        return decided
      }),
    lockTargets: ({ orderId }) => [{ table: "orders", id: orderId }]
  })
  const advanceOne: OrderStore["Service"]["advance"] = (orderId, step, attribution) =>
    submit({ orderId, step, ...attribution })
  return advanceOne
})
