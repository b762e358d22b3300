import { Effect, Result } from "effect"
import type { Advanced } from "../../../domain/orders/AdvanceOrder.ts"
import {
  type Outcome,
  type Payment,
  PaymentNotFound,
  type PaymentSettled
} from "../../../domain/payments/Payment.ts"
import { settle } from "../../../domain/payments/SettlePayment.ts"
import type { Attribution } from "../../../domain/shared/Attribution.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../../../domain/shared/Idempotency.ts"
import type { OrderId, PaymentId } from "../../../domain/shared/Ids.ts"
import type { PaymentStore } from "../../../ports/PaymentStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { Database } from "../execution/Database.ts"
import { decideWithKeys } from "../idempotency/DecideWithKeys.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { lockOrders, lockTargetsOfFailing, saveAdvanced } from "../orders/OrderRecords.ts"
import { currentPayments, selectPayments } from "./PaymentRecords.ts"

interface Settle extends Attribution {
  readonly paymentId: PaymentId
  readonly outcome: Outcome
  readonly idempotency: IdempotencyClaim | undefined
}

type Refusal = PaymentNotFound | PaymentSettled

/** Stores a batch of payment outcomes and the transitions of their orders. */
export const settlePayments = Effect.gen(function* () {
  const { sql, table } = yield* Database
  const keys = yield* idempotencyKeys
  const lock = yield* lockOrders
  const save = yield* saveAdvanced
  const select = yield* selectPayments
  const current = yield* currentPayments
  const toLock = yield* lockTargetsOfFailing

  const ordersOf = (ids: ReadonlyArray<string>) =>
    Effect.map(
      sql<{ order_id: OrderId }>`SELECT order_id FROM ${table.payments} WHERE id = ANY(${ids}::uuid[])`,
      (rows) => rows.map((row) => row.order_id)
    )

  const update = (settled: ReadonlyArray<{ readonly payment: Payment; readonly at: Date }>) => sql`
    UPDATE ${table.payments} p SET status = s.status, settled_at = s.at
    FROM unnest(
      ${settled.map(({ payment }) => payment.id)}::uuid[], ${settled.map(({ payment }) => payment.status)}::text[],
      ${settled.map(({ at }) => at)}::timestamptz[]
    ) AS s (id, status, at)
    WHERE p.id = s.id AND p.status = 'PENDING'`

  const submit = yield* batcher<Settle, IdempotentResult<Payment>, Refusal | IdempotencyKeyReused>({
    name: "settle payments",
    execute: (outcomes) =>
      Effect.gen(function* () {
        const replays = yield* keys.claimEach(outcomes, current)
        const ids = outcomes.map(({ paymentId }) => paymentId)
        const orders = yield* lock(yield* ordersOf(ids))
        const payments = new Map((yield* select(sql`p.id = ANY(${ids}::uuid[])`)).map((p) => [p.id, p]))
        const settled: Array<{ readonly payment: Payment; readonly at: Date }> = []
        const steps: Array<Advanced> = []
        const decide = ({ paymentId, outcome, at, actor }: Settle): Result.Result<Payment, Refusal> => {
          const payment = payments.get(paymentId)
          const order = payment && orders.get(payment.orderId)
          if (payment === undefined || order === undefined)
            return Result.fail(new PaymentNotFound({ paymentId }))
          return Result.map(settle(payment, order, outcome, { at, actor }), (now) => {
            if (payment.status === "PENDING") settled.push({ payment: now.payment, at })
            if (now.advanced !== null) steps.push(now.advanced)
            payments.set(paymentId, now.payment)
            return now.payment
          })
        }
        const batch = decideWithKeys(outcomes, replays, decide)
        if (settled.length > 0) yield* update(settled)
        if (steps.length > 0) yield* save(steps)
        yield* keys.fulfilAndRelease(batch)
        return batch.decided
      }),
    lockTargets: ({ paymentId }) => [{ table: "payments", id: paymentId }],
    // A declined payment restocks its products, so it must lock them too.
    lockSeparately: ({ outcome, paymentId }) =>
      outcome === "DECLINED"
        ? toLock(sql`SELECT order_id FROM ${table.payments} WHERE id = ${paymentId}`)
        : undefined
  })
  const settleOne: PaymentStore["Service"]["settle"] = (paymentId, outcome, attribution, idempotency) =>
    submit({ paymentId, outcome, ...attribution, idempotency })
  return settleOne
})
