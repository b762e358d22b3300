import { Effect, type Result } from "effect"
import { SqlClient } from "effect/sql"
import { OrderNotFound } from "../../../domain/orders/Order.ts"
import { capture, voidAuthorization } from "../../../domain/payments/Authorization.ts"
import type { Outcome } from "../../../domain/payments/Payment.ts"
import {
  OperationNotFound,
  type PaymentOperation,
  type Reserved
} from "../../../domain/payments/PaymentOperation.ts"
import { chargeback, refund, refundableOf } from "../../../domain/payments/Refund.ts"
import {
  type OperationAnswer,
  type SettledOperation,
  settleOperation
} from "../../../domain/payments/SettleOperation.ts"
import { type Attribution, systemActor } from "../../../domain/shared/Attribution.ts"
import type { IdempotencyClaim } from "../../../domain/shared/Idempotency.ts"
import type { OperationId, OrderId } from "../../../domain/shared/Ids.ts"
import type {
  OperationAttribution,
  OperationRefusal,
  OperationRequest,
  PaymentStore,
  RecordedOperation
} from "../../../ports/PaymentStore.ts"
import { batcher } from "../execution/Batcher.ts"
import { unbatched } from "../execution/BatchOperation.ts"
import { changeHook } from "../execution/ChangeHook.ts"
import { Database, oneSnapshot } from "../execution/Database.ts"
import { idempotencyKeys, readAgain } from "../idempotency/IdempotencyKeys.ts"
import {
  lockOrders,
  lockTargetsOfFailing,
  saveAdvanced,
  selectOrders,
  toOrder
} from "../orders/OrderRecords.ts"
import { selectAccepted } from "./AcceptedPayments.ts"
import { saveOperation, selectOperations } from "./PaymentOperationRecords.ts"
import { selectPayments, updatePayments } from "./PaymentRecords.ts"

interface Reserve {
  readonly request: OperationRequest
  readonly attribution: OperationAttribution
  readonly leasedUntil: Date | undefined
  readonly idempotency: IdempotencyClaim | undefined
}

interface SettleOne {
  readonly id: OperationId
  readonly answer: Outcome | OperationAnswer
  readonly attribution: Attribution
  readonly idempotency: IdempotencyClaim | undefined
}

interface RecordOne {
  readonly request: RecordedOperation
  readonly attribution: OperationAttribution
  readonly idempotency: IdempotencyClaim | undefined
}

/** Captures, voids, refunds and chargebacks: one order at a time, under the lock of the order. */
export const paymentOperations = Effect.gen(function* () {
  const { sql, table, query, transaction, now, relative } = yield* Database
  const keys = yield* idempotencyKeys
  const lock = yield* lockOrders
  const saveStep = yield* saveAdvanced
  const toLock = yield* lockTargetsOfFailing
  const payments = yield* selectPayments
  const accepted = yield* selectAccepted
  const operations = yield* selectOperations
  const orders = yield* selectOrders
  const update = yield* updatePayments
  const write = yield* saveOperation
  const hook = yield* changeHook
  const current = readAgain((ids) => operations(sql`m.id = ANY(${ids}::uuid[])`))

  /** Locks an order, and reads its money after that. */
  const lockMoney = Effect.fnUntraced(function* (orderId: OrderId) {
    const order = (yield* lock([orderId])).get(orderId)
    if (order === undefined) return yield* new OrderNotFound({ orderId })
    return {
      order,
      payments: yield* payments(sql`p.order_id = ${orderId}`),
      operations: yield* operations(sql`m.order_id = ${orderId}`)
    }
  })

  const decide = (
    request: OperationRequest,
    money: Effect.Success<ReturnType<typeof lockMoney>>,
    attempt: OperationAttribution
  ): Result.Result<Reserved, OperationRefusal> => {
    switch (request.kind) {
      case "capture":
        return capture(money.order, money.payments, money.operations, attempt)
      case "void":
        return voidAuthorization(money.order, money.payments, money.operations, attempt)
      case "refund":
        return refund(money.order, money.payments, money.operations, request, attempt)
    }
  }

  const saveSettled = Effect.fnUntraced(function* (
    { operation, payment, advanced }: SettledOperation,
    attribution: Attribution
  ) {
    yield* update([{ payment, at: attribution.at }])
    yield* write(operation, attribution)
    if (advanced !== null) {
      yield* saveStep([advanced])
      yield* hook.one(advanced)
    }
    return operation
  })

  const reserveLocked = Effect.fnUntraced(function* ({ request, attribution, leasedUntil }: Reserve) {
    const money = yield* lockMoney(request.orderId)
    const { operation, payment } = yield* Effect.fromResult(decide(request, money, attribution))
    if (operation.kind === "refund") yield* update([{ payment, at: attribution.at }])
    yield* write(operation, { ...attribution, leasedUntil: leasedUntil ?? null })
    return operation
  })

  const settleLocked = Effect.fnUntraced(function* ({ id: operationId, answer, attribution }: SettleOne) {
    const [known] = yield* operations(sql`m.id = ${operationId}`)
    if (known === undefined) return yield* new OperationNotFound({ operationId })
    const money = yield* Effect.orDie(lockMoney(known.orderId))
    const operation = money.operations.find(({ id }) => id === operationId)
    const payment = money.payments.find(({ id }) => id === known.paymentId)
    if (operation === undefined || payment === undefined) {
      return yield* Effect.die(new Error("An operation has a payment"))
    }
    const settled = settleOperation(operation, payment, money.order, answer, attribution)
    return settled.operation === operation ? operation : yield* saveSettled(settled, attribution)
  })

  const recordLocked = Effect.fnUntraced(function* ({ request, attribution }: RecordOne) {
    const money = yield* lockMoney(request.orderId)
    const reserved = yield* Effect.fromResult<Reserved, OperationRefusal>(
      request.kind === "chargeback"
        ? chargeback(money.order, money.payments, money.operations, request, attribution)
        : decide({ ...request, kind: "refund" }, money, attribution)
    )
    const settled = settleOperation(
      reserved.operation,
      reserved.payment,
      money.order,
      "APPROVED",
      attribution
    )
    return yield* saveSettled(settled, attribution)
  })

  const paymentOf = Effect.fnUntraced(function* (operation: PaymentOperation) {
    const [payment] = yield* payments(sql`p.id = ${operation.paymentId}`)
    return payment === undefined ? yield* Effect.die(new Error("An operation has a payment")) : payment
  })

  const submitReserve = yield* batcher(
    unbatched({
      name: "reserve payment operation",
      execute: (input: Reserve) =>
        Effect.gen(function* () {
          const work = reserveLocked(input)
          const made = yield* keys.guard(input.idempotency, input.attribution.at, work, current)
          return { ...made, value: { operation: made.value, payment: yield* paymentOf(made.value) } }
        }),
      lockTargets: ({ request }) => [{ table: "orders", id: request.orderId }]
    })
  )

  const submitSettle = yield* batcher(
    unbatched({
      name: "settle payment operation",
      execute: (input: SettleOne) =>
        keys.guard(input.idempotency, input.attribution.at, settleLocked(input), current),
      lockTargets: ({ id }) => toLock(sql`SELECT order_id FROM ${table.payment_operations} WHERE id = ${id}`)
    })
  )

  const submitRecord = yield* batcher(
    unbatched({
      name: "record payment operation",
      execute: (input: RecordOne) =>
        keys.guard(input.idempotency, input.attribution.at, recordLocked(input), current),
      lockTargets: ({ request }) => [{ table: "orders", id: request.orderId }]
    })
  )

  const leaseOperations: PaymentStore["Service"]["leaseOperations"] = (
    { at, until },
    take,
    { since, accepts } = {}
  ) => {
    const isDue = sql`m.status = 'PENDING' AND ${since === undefined ? sql`true` : sql`m.created_at >= ${relative(since, at)}`}
      AND coalesce(m.leased_until <= ${now(at)}, true)`
    const due = sql`SELECT m.id, m.created_at, p.payment_method
      FROM ${table.payment_operations} m JOIN ${table.payments} p ON p.id = m.payment_id WHERE ${isDue}`
    return transaction(
      Effect.gen(function* () {
        const isAccepted = yield* accepted({ due, take, accepts })
        if (isAccepted === undefined) return []
        const leased = yield* sql<{ id: OperationId; actor: string }>`
          WITH due AS MATERIALIZED (
            SELECT m.id FROM ${table.payment_operations} m
            WHERE ${isDue} AND ${isAccepted}
            ORDER BY m.created_at LIMIT ${take}
            FOR NO KEY UPDATE SKIP LOCKED
          )
          UPDATE ${table.payment_operations} m SET leased_until = ${relative(until, at)}
          FROM due WHERE m.id = due.id
          RETURNING m.id, m.actor`
        const actors = new Map(leased.map(({ id, actor }) => [id, actor]))
        const found = yield* operations(sql`m.id = ANY(${[...actors.keys()]}::uuid[])`)
        const paid = yield* payments(sql`p.id = ANY(${found.map(({ paymentId }) => paymentId)}::uuid[])`)
        const byId = new Map(paid.map((payment) => [payment.id, payment]))
        return found
          .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
          .flatMap((operation) => {
            const payment = byId.get(operation.paymentId)
            const actor = actors.get(operation.id) ?? systemActor
            return payment === undefined ? [] : [{ operation, payment, actor }]
          })
      })
    )
  }

  const reserve: PaymentStore["Service"]["reserve"] = (request, attribution, leasedUntil, idempotency) =>
    submitReserve({ request, attribution, leasedUntil, idempotency })
  const settleOne: PaymentStore["Service"]["settleOperation"] = (id, answer, attribution, idempotency) =>
    submitSettle({ id, answer, attribution, idempotency })
  const recordOperation: PaymentStore["Service"]["recordOperation"] = (request, attribution, idempotency) =>
    submitRecord({ request, attribution, idempotency })
  /** One snapshot holds the order, its payments and its operations in one state. In a transaction of the host's, that decides. */
  const refundable: PaymentStore["Service"]["refundable"] = (orderId) =>
    transaction(
      Effect.gen(function* () {
        const [row] = yield* orders(sql`WHERE o.id = ${orderId}`)
        if (row === undefined) return yield* new OrderNotFound({ orderId })
        const paid = yield* payments(sql`p.order_id = ${orderId}`)
        return refundableOf(toOrder(row), paid, yield* operations(sql`m.order_id = ${orderId}`))
      }),
      { settlesCommit: false }
    ).pipe(Effect.provideService(SqlClient.BeginTransaction, oneSnapshot))

  const authorizationsToVoid: PaymentStore["Service"]["authorizationsToVoid"] = (
    { heldBefore, triedBefore },
    at,
    take
  ) => {
    const isOld = heldBefore === undefined ? sql`false` : sql`p.authorized_at < ${relative(heldBefore, at)}`
    const found = sql<{ order_id: OrderId }>`
      SELECT p.order_id FROM ${table.payments} p JOIN ${table.orders} o ON o.id = p.order_id
      WHERE p.status = 'PENDING' AND p.authorized_at IS NOT NULL AND (o.status = 'CANCELLED' OR ${isOld})
        AND NOT EXISTS (
          SELECT FROM ${table.payment_operations} m WHERE m.payment_id = p.id AND m.order_id = p.order_id
            AND (m.kind IN ('capture', 'void') AND m.status IN ('PENDING', 'APPROVED')
              OR m.kind = 'void' AND (m.status = 'DECLINED' OR m.created_at >= ${relative(triedBefore, at)})))
      ORDER BY p.created_at LIMIT ${take}`
    return query(Effect.map(found, (rows) => rows.map((row) => row.order_id)))
  }

  return {
    reserve,
    settleOperation: settleOne,
    recordOperation,
    leaseOperations,
    authorizationsToVoid,
    operations: (orderId: OrderId) => query(operations(sql`m.order_id = ${orderId}`)),
    refundable
  }
})
