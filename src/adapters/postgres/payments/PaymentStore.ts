import { Effect, Layer } from "effect"
import { OrderNotFound } from "../../../domain/orders/Order.ts"
import type { AfterDecline, Outcome } from "../../../domain/payments/Payment.ts"
import { record } from "../../../domain/payments/SettlePayment.ts"
import { systemActor } from "../../../domain/shared/Attribution.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { PaymentId } from "../../../domain/shared/Ids.ts"
import { type Attempt, PaymentStore } from "../../../ports/PaymentStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { unbatched } from "../execution/BatchOperation.ts"
import { changeHook } from "../execution/ChangeHook.ts"
import { Database } from "../execution/Database.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import {
  lockOrders,
  lockTargetsOfFailing,
  ordersWithPendingPayment,
  saveAdvanced
} from "../orders/OrderRecords.ts"
import { selectAccepted } from "./AcceptedPayments.ts"
import { beginPayments } from "./BeginPayments.ts"
import { paymentOperations } from "./PaymentOperations.ts"
import { currentPayments, insertPayments, selectPayments } from "./PaymentRecords.ts"
import { settlePayments } from "./SettlePayments.ts"

interface Record {
  readonly attempt: Attempt
  readonly outcome: Outcome
  readonly afterDecline: AfterDecline | undefined
  readonly idempotency: IdempotencyClaim | undefined
}

export const PgPaymentStore = Layer.effect(
  PaymentStore,
  Effect.gen(function* () {
    const { sql, table, query, transaction, inTransaction, now, relative } = yield* Database
    const keys = yield* idempotencyKeys
    const lock = yield* lockOrders
    const pending = yield* ordersWithPendingPayment
    const save = yield* saveAdvanced
    const toLock = yield* lockTargetsOfFailing
    const select = yield* selectPayments
    const insert = yield* insertPayments
    const current = yield* currentPayments
    const accepted = yield* selectAccepted
    const hook = yield* changeHook

    const recordLocked = Effect.fnUntraced(function* (
      attempt: Attempt,
      outcome: Outcome,
      afterDecline: AfterDecline | undefined
    ) {
      const { orderId, actor } = attempt
      const order = (yield* lock([orderId])).get(orderId)
      if (order === undefined) return yield* new OrderNotFound({ orderId })
      // Only a charge of an order that has ended asks whether there was one before.
      const hasLive =
        order.status === "FAILED" || order.status === "CANCELLED"
          ? (yield* select(sql`p.order_id = ${orderId} AND p.status IN ('PENDING', 'APPROVED')`)).length > 0
          : (yield* pending([orderId])).has(orderId)
      const { payment, advanced } = yield* Effect.fromResult(
        record(order, hasLive, attempt, outcome, { afterDecline })
      )
      yield* insert([{ payment, actor }])
      if (advanced !== null) {
        yield* save([advanced])
        yield* hook.one(advanced)
      }
      return payment
    })

    const lease: PaymentStore["Service"]["lease"] = (
      before,
      { at, until },
      take,
      { since, accepts } = {}
    ) => {
      const isDue = sql`status = 'PENDING' AND authorized_at IS NULL AND created_at < ${relative(before, at)}
        AND ${since === undefined ? sql`true` : sql`created_at >= ${relative(since, at)}`}
        AND coalesce(leased_until <= ${now(at)}, true)`
      const due = sql`SELECT id, created_at, payment_method FROM ${table.payments} WHERE ${isDue}`
      return transaction(
        Effect.gen(function* () {
          const isAccepted = yield* accepted({ due, take, accepts })
          if (isAccepted === undefined) return []
          const leased = yield* sql<{ id: PaymentId; actor: string }>`
            WITH due AS MATERIALIZED (
              SELECT id FROM ${table.payments}
              WHERE ${isDue} AND ${isAccepted}
              ORDER BY created_at LIMIT ${take}
              FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE ${table.payments} p SET leased_until = ${relative(until, at)}
            FROM due WHERE p.id = due.id
            RETURNING p.id, p.actor`
          const startedBy = new Map(leased.map(({ id, actor }) => [id, actor]))
          const payments = yield* select(sql`p.id = ANY(${[...startedBy.keys()]}::uuid[])`)
          return payments.map((payment) => ({ payment, actor: startedBy.get(payment.id) ?? systemActor }))
        })
      )
    }

    const submit = yield* batcher(
      unbatched({
        name: "record payment",
        execute: ({ attempt, outcome, afterDecline, idempotency }: Record) =>
          keys.guard(idempotency, attempt.at, recordLocked(attempt, outcome, afterDecline), current),
        lockTargets: ({ attempt }) => toLock(sql`${attempt.orderId}`)
      })
    )

    return PaymentStore.of({
      begin: yield* beginPayments,
      record: (attempt, outcome, idempotency, afterDecline) =>
        submit({ attempt, outcome, afterDecline, idempotency }),
      settle: yield* settlePayments,
      ...(yield* paymentOperations),
      lease,
      list: (orderId) => query(select(sql`p.order_id = ${orderId}`)),
      inTransaction
    })
  })
)
