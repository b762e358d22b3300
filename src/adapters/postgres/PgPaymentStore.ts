import { Array as Arr, Effect, Layer } from "effect"
import type { SqlError, Statement } from "effect/sql"
import type { OrderId, PaymentId } from "../../domain/Id.ts"
import type { Once } from "../../domain/Idempotency.ts"
import { OrderNotFound } from "../../domain/Order.ts"
import { begin, type Outcome, type Payment, PaymentNotFound, record, settle } from "../../domain/Payment.ts"
import { bySystem } from "../../domain/Text.ts"
import type { Stamp } from "../../ports/OrderStore.ts"
import { type Attempt, PaymentStore } from "../../ports/PaymentStore.ts"
import { Database } from "./Database.ts"
import { type Fulfilled, idempotencyKeys } from "./IdempotencyKeys.ts"
import { lockOrder, pendingAmong, saveAdvanced } from "./OrderRecords.ts"
import { type PaymentRow, toPayment } from "./Rows.ts"

export const PgPaymentStore = Layer.effect(
  PaymentStore,
  Effect.gen(function* () {
    const { sql, table, query, transaction, inTransaction } = yield* Database
    const keys = yield* idempotencyKeys
    const lock = yield* lockOrder
    const pending = yield* pendingAmong
    const save = yield* saveAdvanced

    const select = (which: Statement.Fragment) =>
      Effect.map(
        sql<PaymentRow>`
          SELECT p.id, p.order_id, p.status, p.currency, p.amount, p.payment_method, p.created_at,
            o.status AS order_status
          FROM ${table.payments} p JOIN ${table.orders} o ON o.id = p.order_id
          WHERE ${which}
          ORDER BY p.id`,
        Arr.map(toPayment)
      )

    const find = (paymentId: string) =>
      Effect.flatMap(select(sql`p.id = ${paymentId}`), ([payment]) =>
        payment === undefined ? new PaymentNotFound({ paymentId }) : Effect.succeed(payment)
      )

    const insert = (payment: Payment, { by, at }: Stamp) => sql`
      INSERT INTO ${table.payments}
        (id, order_id, status, currency, amount, payment_method, by, created_at, settled_at)
      VALUES (${payment.id}, ${payment.orderId}, ${payment.status}, ${payment.amount.currency},
        ${payment.amount.amount}, ${payment.paymentMethod}, ${by}, ${payment.createdAt},
        ${payment.status === "PENDING" ? null : at})`

    const lockForPayment = Effect.fnUntraced(function* (orderId: OrderId) {
      const order = yield* lock(orderId)
      if (order === undefined) return yield* new OrderNotFound({ orderId })
      return { order, hasPending: (yield* pending([orderId])).has(orderId) }
    })

    const beginLocked = Effect.fnUntraced(function* (attempt: Attempt) {
      const { order, hasPending } = yield* lockForPayment(attempt.orderId)
      const payment = yield* Effect.fromResult(begin(order, hasPending, attempt))
      // A transaction that sees the order as it was before could expire it: a new version of the row stops that.
      yield* sql`
        WITH touched AS (UPDATE ${table.orders} SET version = version WHERE id = ${order.id})
        ${insert(payment, attempt)}`
      return payment
    })

    const recordLocked = Effect.fnUntraced(function* (attempt: Attempt, outcome: Outcome) {
      const { order, hasPending } = yield* lockForPayment(attempt.orderId)
      const { payment, advanced } = yield* Effect.fromResult(record(order, hasPending, attempt, outcome))
      yield* insert(payment, attempt)
      if (advanced !== null) yield* save([advanced])
      return payment
    })

    const settleLocked = Effect.fnUntraced(function* (paymentId: PaymentId, outcome: Outcome, stamp: Stamp) {
      const { orderId } = yield* find(paymentId)
      const order = yield* lock(orderId)
      if (order === undefined)
        return yield* Effect.die(new Error(`The order of payment ${paymentId} is gone`))
      const { payment, advanced } = settle(yield* find(paymentId), order, outcome, stamp)
      yield* sql`
        UPDATE ${table.payments} SET status = ${payment.status}, settled_at = ${stamp.at}
        WHERE id = ${paymentId} AND status = 'PENDING'`
      if (advanced !== null) yield* save([advanced])
      return payment
    })

    const lease: PaymentStore["Service"]["lease"] = (before, { at, until }, take) =>
      transaction(
        Effect.gen(function* () {
          const leased = yield* sql<{ id: PaymentId; by: string }>`
            UPDATE ${table.payments} SET leased_until = ${until}
            WHERE id IN (
              SELECT id FROM ${table.payments}
              WHERE status = 'PENDING' AND created_at < ${before} AND coalesce(leased_until <= ${at}, true)
              ORDER BY created_at LIMIT ${take}
              FOR NO KEY UPDATE SKIP LOCKED
            )
            RETURNING id, by`
          const startedBy = new Map(leased.map(({ id, by }) => [id, by]))
          const payments = yield* select(sql`p.id = ANY(${[...startedBy.keys()]}::uuid[])`)
          return payments.map((payment) => ({ payment, by: startedBy.get(payment.id) ?? bySystem }))
        })
      )

    const replayable = (attempt: Attempt, once: Once | undefined) => {
      const remember = ({ id }: Payment) => ({ resourceId: id })
      const asItIsNow = ({ resourceId }: Fulfilled) => Effect.orDie(find(resourceId))
      return <E>(work: Effect.Effect<Payment, E | SqlError.SqlError>) =>
        keys.exactlyOnce(once, attempt.at, work, remember, asItIsNow)
    }

    return PaymentStore.of({
      begin: (attempt, once) => replayable(attempt, once)(beginLocked(attempt)),
      record: (attempt, outcome, once) => replayable(attempt, once)(recordLocked(attempt, outcome)),
      settle: (id, outcome, stamp) => transaction(settleLocked(id, outcome, stamp), true),
      lease,
      list: (orderId) => query(select(sql`p.order_id = ${orderId}`)),
      inTransaction
    })
  })
)
