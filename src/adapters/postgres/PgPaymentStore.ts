import { Array as Arr, Effect, Layer } from "effect"
import type { OrderId, PaymentId } from "../../domain/Id.ts"
import { OrderNotFound } from "../../domain/Order.ts"
import { begin, type Outcome, type Payment, settle } from "../../domain/Payment.ts"
import { type Attempt, PaymentStore } from "../../ports/PaymentStore.ts"
import { Database } from "./Database.ts"
import { idempotencyKeys } from "./IdempotencyKeys.ts"
import { lockOrder, saveAdvanced } from "./OrderRecords.ts"
import { type PaymentRow, toPayment } from "./Rows.ts"

export const PgPaymentStore = Layer.effect(
  PaymentStore,
  Effect.gen(function* () {
    const { sql, table, query, transaction, inTransaction } = yield* Database
    const keys = yield* idempotencyKeys
    const lock = yield* lockOrder
    const save = yield* saveAdvanced

    const select = (by: { readonly id: string } | { readonly orderId: OrderId }) =>
      Effect.map(
        sql<PaymentRow>`
          SELECT p.id, p.order_id, p.status, p.currency, p.amount, p.payment_method, p.created_at,
            o.status AS order_status
          FROM ${table.payments} p JOIN ${table.orders} o ON o.id = p.order_id
          WHERE ${"id" in by ? sql`p.id = ${by.id}` : sql`p.order_id = ${by.orderId}`}
          ORDER BY p.id`,
        Arr.map(toPayment)
      )

    /** A payment that is known to exist: nothing ever deletes one. */
    const read = (id: string) =>
      Effect.flatMap(select({ id }), ([payment]) =>
        payment === undefined ? Effect.die(new Error(`There is no payment ${id}`)) : Effect.succeed(payment)
      )

    const record = Effect.fnUntraced(function* (attempt: Attempt) {
      const { orderId } = attempt
      const order = yield* lock(orderId)
      if (order === undefined) return yield* new OrderNotFound({ orderId })
      const hasPending = (yield* select({ orderId })).some(({ status }) => status === "PENDING")
      const payment = yield* Effect.fromResult(begin(order, hasPending, attempt))
      yield* sql`
        INSERT INTO ${table.payments}
          (id, order_id, status, currency, amount, payment_method, by, created_at)
        VALUES (${payment.id}, ${payment.orderId}, ${payment.status}, ${payment.amount.currency},
          ${payment.amount.amount}, ${payment.paymentMethod}, ${attempt.by}, ${payment.createdAt})`
      return payment
    })

    const settleLocked = Effect.fnUntraced(function* (
      id: PaymentId,
      outcome: Outcome,
      stamp: { readonly at: Date; readonly by: string }
    ) {
      const order = yield* lock((yield* read(id)).orderId)
      if (order === undefined) return yield* Effect.die(new Error(`The order of payment ${id} is gone`))
      const { payment, advanced } = settle(yield* read(id), order, outcome, stamp)
      yield* sql`
        UPDATE ${table.payments} SET status = ${payment.status}, settled_at = ${stamp.at}
        WHERE id = ${id} AND status = 'PENDING'`
      if (advanced !== null) yield* save(advanced)
      return payment
    })

    return PaymentStore.of({
      begin: (attempt, once) =>
        transaction(
          keys.exactlyOnce(
            once,
            attempt.at,
            record(attempt),
            ({ id }: Payment) => ({ resourceId: id }),
            ({ resourceId }) => read(resourceId)
          )
        ),
      settle: (id, outcome, stamp) => transaction(settleLocked(id, outcome, stamp)),
      list: (orderId) => query(select({ orderId })),
      inTransaction
    })
  })
)
