import { Effect, Result } from "effect"
import type { Advanced } from "../../../domain/orders/AdvanceOrder.ts"
import type { OrderRefused } from "../../../domain/orders/OrderChange.ts"
import { endOf } from "../../../domain/payments/Authorization.ts"
import {
  type AfterDecline,
  type GatewayAnswer,
  mayHaveCharged,
  type Outcome,
  type Payment,
  PaymentNotFound,
  type PaymentSettled
} from "../../../domain/payments/Payment.ts"
import type { PaymentOperation } from "../../../domain/payments/PaymentOperation.ts"
import { settle } from "../../../domain/payments/SettlePayment.ts"
import type { Attribution } from "../../../domain/shared/Attribution.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../../../domain/shared/Idempotency.ts"
import type { OperationId, OrderId, PaymentId } from "../../../domain/shared/Ids.ts"
import type { PaymentStore } from "../../../ports/PaymentStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { type ChangeOfRequest, changeHook } from "../execution/ChangeHook.ts"
import { Database } from "../execution/Database.ts"
import { decideWithKeys } from "../idempotency/DecideWithKeys.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { lockOrders, lockTargetsOfFailing, saveAdvanced } from "../orders/OrderRecords.ts"
import { saveOperation, selectOperations } from "./PaymentOperationRecords.ts"
import { currentPayments, selectPayments, updatePayments } from "./PaymentRecords.ts"

interface Settle extends Attribution {
  readonly paymentId: PaymentId
  readonly answer: Outcome | GatewayAnswer
  readonly afterDecline: AfterDecline | undefined
  readonly idempotency: IdempotencyClaim | undefined
}

type Refusal = PaymentNotFound | PaymentSettled

const outcomeOf = (answer: Outcome | GatewayAnswer) => (typeof answer === "string" ? answer : answer.outcome)

/** Steps in rounds of at most one step of an order each. Rounds are saved one after another. */
const inRounds = (steps: ReadonlyArray<Advanced>): ReadonlyArray<ReadonlyArray<Advanced>> => {
  const rounds: Array<Array<Advanced>> = []
  const taken = new Map<OrderId, number>()
  for (const step of steps) {
    const round = taken.get(step.order.id) ?? 0
    taken.set(step.order.id, round + 1)
    rounds[round] = [...(rounds[round] ?? []), step]
  }
  return rounds
}

/** Stores a batch of payment outcomes and the transitions of their orders. */
export const settlePayments = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const keys = yield* idempotencyKeys
  const lock = yield* lockOrders
  const save = yield* saveAdvanced
  const select = yield* selectPayments
  const operationsWhere = yield* selectOperations
  const current = yield* currentPayments
  const update = yield* updatePayments
  const write = yield* saveOperation
  const toLock = yield* lockTargetsOfFailing
  const hook = yield* changeHook

  const ordersOf = (ids: ReadonlyArray<string>) =>
    Effect.map(
      sql<{ order_id: OrderId }>`SELECT order_id FROM ${table.payments} WHERE id = ANY(${ids}::uuid[])`,
      (rows) => rows.map((row) => row.order_id)
    )

  /** What else decides about payments that are not pending: the other payments and the operations of their orders. */
  const readOthers = Effect.fnUntraced(function* (payments: ReadonlyArray<Payment>) {
    const orders = payments.filter(({ status }) => status !== "PENDING").map(({ orderId }) => orderId)
    if (orders.length === 0) return { others: [], operations: [] }
    return {
      others: yield* select(sql`p.order_id = ANY(${orders}::uuid[])`),
      operations: yield* operationsWhere(sql`m.order_id = ANY(${orders}::uuid[])`)
    }
  })

  const submit = yield* batcher<
    Settle,
    IdempotentResult<Payment>,
    Refusal | OrderRefused | IdempotencyKeyReused
  >({
    name: "settle payments",
    execute: (outcomes) =>
      Effect.gen(function* () {
        const replays = yield* keys.claimEach(outcomes, current)
        const ids = outcomes.map(({ paymentId }) => paymentId)
        const orders = new Map(yield* lock(yield* ordersOf(ids)))
        const known = yield* select(sql`p.id = ANY(${ids}::uuid[])`)
        const { others, operations: knownOperations } = yield* readOthers(known)
        const payments = new Map([...others, ...known].map((p) => [p.id, p]))
        const operations = new Map(knownOperations.map((operation) => [operation.id, operation]))
        const settled = new Map<PaymentId, { readonly payment: Payment; readonly at: Date }>()
        const ended = new Map<
          OperationId,
          { readonly operation: PaymentOperation; readonly by: Attribution }
        >()
        const steps: Array<Advanced> = []
        const changes: Array<ChangeOfRequest> = []
        const decide = (
          { paymentId, answer, afterDecline, at, actor }: Settle,
          index: number
        ): Result.Result<Payment, Refusal> => {
          const payment = payments.get(paymentId)
          const order = payment && orders.get(payment.orderId)
          if (payment === undefined || order === undefined)
            return Result.fail(new PaymentNotFound({ paymentId }))
          const facts = {
            afterDecline,
            hasOther: payments
              .values()
              .some((other) => other.orderId === order.id && other.id !== paymentId && mayHaveCharged(other)),
            end: endOf(payment, [...operations.values()])
          }
          return Result.map(settle(payment, order, answer, { at, actor }, facts), (now) => {
            if (now.payment !== payment) settled.set(paymentId, { payment: now.payment, at })
            if (now.operation !== undefined) {
              operations.set(now.operation.id, now.operation)
              ended.set(now.operation.id, { operation: now.operation, by: { at, actor } })
            }
            if (now.advanced !== null) {
              steps.push(now.advanced)
              changes.push({ index, change: now.advanced })
              orders.set(order.id, now.advanced.order)
            }
            const current = { ...now.payment, orderStatus: now.advanced?.order.status ?? order.status }
            payments.set(paymentId, current)
            return current
          })
        }
        const batch = decideWithKeys(outcomes, replays, decide)
        if (settled.size > 0) yield* update([...settled.values()])
        for (const { operation, by } of ended.values()) yield* write(operation, by)
        for (const round of inRounds(steps)) yield* save(round)
        yield* keys.fulfilAndRelease(batch)
        yield* hook.each(changes)
        return batch.decided
      }),
    lockTargets: ({ paymentId }) => [{ table: "payments", id: paymentId }],
    // A declined payment restocks its products, so it must lock them too.
    lockSeparately: ({ answer, paymentId }) =>
      outcomeOf(answer) === "DECLINED"
        ? toLock(sql`SELECT order_id FROM ${table.payments} WHERE id = ${paymentId}`)
        : undefined
  })
  const settleOne: PaymentStore["Service"]["settle"] = (
    paymentId,
    answer,
    attribution,
    idempotency,
    afterDecline
  ) => submit({ paymentId, answer, afterDecline, ...attribution, idempotency })
  return settleOne
})
