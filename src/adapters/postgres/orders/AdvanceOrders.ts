import { Effect, Result } from "effect"
import { type IllegalStage, noStages, type StageTable } from "../../../domain/fulfilment/Stage.ts"
import { type Advanced, advanceFromStage } from "../../../domain/orders/AdvanceOrder.ts"
import type { IllegalTransition } from "../../../domain/orders/Lifecycle.ts"
import { type Order, OrderNotFound } from "../../../domain/orders/Order.ts"
import type { OrderRefused } from "../../../domain/orders/OrderChange.ts"
import type { Attribution } from "../../../domain/shared/Attribution.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../../../domain/shared/Idempotency.ts"
import type { OrderId } from "../../../domain/shared/Ids.ts"
import type { OrderStore } from "../../../ports/OrderStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { type ChangeOfRequest, changeHook } from "../execution/ChangeHook.ts"
import { decideWithKeys } from "../idempotency/DecideWithKeys.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { lockOrders, saveAdvanced, storedOrders } from "./OrderRecords.ts"

interface Advance extends Attribution {
  readonly orderId: OrderId
  readonly step: "shipped" | "completed"
  readonly idempotency: IdempotencyClaim | undefined
  readonly stages: StageTable
}

type Refusal = OrderNotFound | IllegalTransition | IllegalStage

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
  const keys = yield* idempotencyKeys
  const lock = yield* lockOrders
  const save = yield* saveAdvanced
  const hook = yield* changeHook

  const submit = yield* batcher<
    Advance,
    IdempotentResult<Order>,
    Refusal | OrderRefused | IdempotencyKeyReused
  >({
    name: "advance orders",
    execute: (steps) =>
      Effect.gen(function* () {
        const replays = yield* keys.claimEach(steps, storedOrders)
        const orders = new Map(yield* lock(steps.map(({ orderId }) => orderId)))
        const advanced: Array<Advanced> = []
        const changes: Array<ChangeOfRequest> = []
        const decide = (
          { orderId, step, at, actor, stages }: Advance,
          index: number
        ): Result.Result<Order, Refusal> => {
          const order = orders.get(orderId)
          if (order === undefined) return Result.fail(new OrderNotFound({ orderId }))
          return Result.map(advanceFromStage(order, step, { at, actor }, stages), (done) => {
            advanced.push(done)
            changes.push({ index, change: done })
            orders.set(orderId, done.order)
            return done.order
          })
        }
        const batch = decideWithKeys(steps, replays, decide, storedOrders.toStored)
        for (const round of inRounds(advanced)) yield* save(round)
        yield* keys.fulfilAndRelease(batch)
        yield* hook.each(changes)
        return batch.decided
      }),
    lockTargets: ({ orderId }) => [{ table: "orders", id: orderId }]
  })
  const advanceOne: OrderStore["Service"]["advance"] = (
    orderId,
    step,
    attribution,
    idempotency,
    stages = noStages
  ) => submit({ orderId, step, ...attribution, idempotency, stages })
  return advanceOne
})
