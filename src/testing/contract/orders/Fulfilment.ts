import { Effect } from "effect"
import type { Fulfilment } from "../../../domain/fulfilment/Fulfilment.ts"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import { OrderNotFound, PaymentInProgress } from "../../../domain/orders/Order.ts"
import { OrderId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { type Fixture, newAttempt, newAttribution, newId, order, orderIn, paid, shop } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder, readProduct } from "../operations/ShopSnapshot.ts"
import { apply, decides } from "./DecidedFulfilment.ts"

const line = (own: Fixture, index: 0 | 1, quantity: number) => ({
  productId: (own.products[index] ?? own.products[0]).id,
  quantity
})

const stocks = (own: Fixture) =>
  Effect.forEach(own.products, ({ id }) => Effect.map(readProduct(id), ({ stock }) => stock))

/** Changes of an order of 5 and 3 units, in this order. */
const changesOf = (own: Fixture): ReadonlyArray<Fulfilment> => [
  { kind: "ship", request: { items: [line(own, 0, 2)], carrier: "a carrier", trackingCode: "T 1" } },
  { kind: "cancel", request: { items: [line(own, 0, 1), line(own, 1, 3)], reason: "not found" } },
  { kind: "return", request: { items: [{ ...line(own, 0, 2), restock: 1 }], reason: "too small" } },
  { kind: "cancel", request: { items: [line(own, 0, 3)] } },
  { kind: "ship", request: {} },
  { kind: "return", request: { items: [line(own, 0, 2)] } },
  { kind: "cancel", request: {} }
]

export const fulfillingLaws: ReadonlyArray<Law> = [
  law(
    "units are shipped, cancelled and taken back as decided; in any other status it is refused and changes nothing [O7]",
    Effect.gen(function* () {
      for (const status of statuses) {
        const own = yield* shop(10, 10)
        const lines = [
          [own.products[0], 5],
          [own.products[1] ?? own.products[0], 3]
        ] as const
        let found = yield* orderIn(status, own, lines)
        for (const change of changesOf(own)) found = yield* decides(own, found, change)
      }
    })
  ),

  law(
    "an order that is cancelled as a whole gives back all its units, once, and keeps no counts [O7]",
    Effect.gen(function* () {
      const own = yield* shop(10, 10)
      const lines = [
        [own.products[0], 5],
        [own.products[1] ?? own.products[0], 3]
      ] as const
      for (const status of ["CREATED", "PAID"] as const) {
        const found = yield* orderIn(status, own, lines)
        const cancelled = yield* decides(own, found, { kind: "cancel", request: {} })
        yield* same(
          [cancelled.status, cancelled.units, cancelled.currentTotal?.amount],
          ["CANCELLED", undefined, 0]
        )
        yield* same(yield* stocks(own), [10, 10])
        yield* decides(own, cancelled, { kind: "cancel", request: {} })
        yield* same(yield* stocks(own), [10, 10])
      }
    })
  ),

  law(
    "an order with cancelled parts is charged for the rest, and gives back the rest when it fails",
    Effect.gen(function* () {
      const [orders, payments] = [yield* OrderStore, yield* PaymentStore]
      const own = yield* shop(20)
      const part: Fulfilment = { kind: "cancel", request: { items: [line(own, 0, 2)] } }
      const rest = Effect.fnUntraced(function* () {
        const { id } = yield* order(own, [[own.products[0], 5]])
        yield* apply(id, part)
        return id
      })
      const charged = yield* rest()
      yield* paid({ id: charged }, "APPROVED")
      const [payment] = yield* payments.list(charged)
      yield* same(payment?.amount, (yield* readOrder(charged)).currentTotal)
      yield* same(yield* stocks(own), [17])
      yield* orders.expire(yield* rest(), yield* newAttribution, undefined)
      yield* paid({ id: yield* rest() }, "DECLINED")
      yield* same(yield* stocks(own), [17])
      yield* checkIntegrity(own)
    })
  ),

  law(
    "an order with shipped parts is shipped as a whole by the step as well",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(20)
      const orders = yield* Effect.forEach([1, 2, 3], () => orderIn("PAID", own, [[own.products[0], 5]]))
      yield* apply(orders[1]?.id ?? (yield* newId(OrderId)), {
        kind: "ship",
        request: { items: [line(own, 0, 2)] }
      })
      yield* concurrently(
        orders.map(({ id }) =>
          Effect.flatMap(newAttribution, (by) => store.advance(id, "shipped", by, undefined))
        )
      )
      const shipped = yield* Effect.forEach(orders, ({ id }) => readOrder(id))
      yield* same(
        shipped.map(({ status, units }) => [status, units?.[0]?.shipped]),
        [
          ["SHIPPED", undefined],
          ["SHIPPED", 5],
          ["SHIPPED", undefined]
        ]
      )
      yield* checkIntegrity(own)
    })
  ),

  law(
    "an unknown order, and one with a pending payment, cannot be cancelled",
    Effect.gen(function* () {
      const payments = yield* PaymentStore
      const own = yield* shop(10)
      const { id: orderId } = yield* order(own, [[own.products[0], 1]])
      yield* Effect.flatMap(newAttempt({ id: orderId }), (attempt) => payments.begin(attempt, undefined))
      const early = apply(orderId, { kind: "cancel", request: {} })
      yield* changesNothing(own, refused(early, new PaymentInProgress({ orderId })))
      const unknown = yield* newId(OrderId)
      yield* refused(apply(unknown, { kind: "cancel", request: {} }), new OrderNotFound({ orderId: unknown }))
    })
  ),

  law(
    "concurrent changes of the same units: each unit moves once, and a call that comes late is refused [O6]",
    Effect.gen(function* () {
      const own = yield* shop(10)
      const { id } = yield* orderIn("PAID", own, [[own.products[0], 5]])
      const one = { items: [line(own, 0, 1)] }
      const changes = Array.from({ length: 10 }, (_, index) =>
        apply(id, index % 2 === 0 ? { kind: "ship", request: one } : { kind: "cancel", request: one })
      )
      const [done, late] = yield* concurrently(changes)
      yield* same([done.length, late.length], [5, 5])
      const { units, version } = yield* readOrder(id)
      yield* same(version, 7)
      yield* checkIntegrity(own)
      const shipped = units?.[0]?.shipped ?? 0
      const takingBack = Array.from({ length: 6 }, () => apply(id, { kind: "return", request: one }))
      const [taken] = yield* concurrently(takingBack)
      yield* same(taken.length, shipped)
      yield* checkIntegrity(own)
    })
  )
]
