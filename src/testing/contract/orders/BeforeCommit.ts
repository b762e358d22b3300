import { Cause, Effect, Exit, Option, Result } from "effect"
import type { OrderEventName } from "../../../domain/orders/Lifecycle.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import { type OrderChange, OrderRefused } from "../../../domain/orders/OrderChange.ts"
import { resultOf } from "../../../domain/shared/Idempotency.ts"
import { OrderId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import {
  type Fixture,
  newAttempt,
  newAttribution,
  newClaim,
  newFulfilmentAttempt,
  newNoon,
  newOperation,
  newPlacement,
  order,
  orderIn,
  shop
} from "../Given.ts"
import { Difference, type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder } from "../operations/ShopSnapshot.ts"
import { type Script, scripted } from "../ScriptedHook.ts"

const refusal = (orderId: string) => new OrderRefused({ orderId, reason: "The law says no" })

const refusesAll: Script = ({ order }) => Effect.succeed(refusal(order.id))

const refusesEvent =
  (name: OrderEventName): Script =>
  ({ order, event }) =>
    Effect.succeed(event.event === name ? refusal(order.id) : undefined)

const isOdd = ({ metadata }: Order) => Number(metadata.n) % 2 === 1

/** A change of an order, which is prepared first. */
interface Change {
  readonly name: string
  readonly prepare: (
    own: Fixture
  ) => Effect.Effect<
    { readonly orderId: OrderId; readonly work: Effect.Effect<unknown, unknown> },
    unknown,
    OrderStore | PaymentStore
  >
}

const euros = (amount: number) => ({ amount, currency: "EUR" })

/** An order of one unit at a price above 0, which is charged. */
const chargedOrder = Effect.fnUntraced(function* (own: Fixture) {
  return yield* orderIn("PAID", own, [[own.products[0], 2]])
})

const changes: ReadonlyArray<Change> = [
  {
    name: "placing",
    prepare: Effect.fnUntraced(function* (own) {
      const store = yield* OrderStore
      const placement = yield* newPlacement(own, [[own.products[0], 1]])
      return { orderId: placement.id, work: store.place(placement) }
    })
  },
  ...(["shipped", "completed"] as const).map(
    (step): Change => ({
      name: `a step: ${step}`,
      prepare: Effect.fnUntraced(function* (own) {
        const store = yield* OrderStore
        const { id } = yield* orderIn(step === "shipped" ? "PAID" : "SHIPPED", own, [[own.products[0], 1]])
        return { orderId: id, work: store.advance(id, step, yield* newAttribution, undefined) }
      })
    })
  ),
  {
    name: "expiring",
    prepare: Effect.fnUntraced(function* (own) {
      const store = yield* OrderStore
      const { id } = yield* order(own, [[own.products[0], 1]])
      return { orderId: id, work: store.expire(id, yield* newAttribution, undefined) }
    })
  },
  {
    name: "a shipment of some items",
    prepare: Effect.fnUntraced(function* (own) {
      const store = yield* OrderStore
      const { id } = yield* chargedOrder(own)
      const request = { items: [{ productId: own.products[0].id, quantity: 1 }] }
      const work = store.fulfil(
        id,
        { kind: "ship", request, stages: {} },
        yield* newFulfilmentAttempt,
        undefined
      )
      return { orderId: id, work }
    })
  },
  {
    name: "a cancellation that refunds",
    prepare: Effect.fnUntraced(function* (own) {
      const store = yield* OrderStore
      const { id } = yield* chargedOrder(own)
      const attempt = yield* newFulfilmentAttempt
      const work = store.fulfil(id, { kind: "cancel", request: { refund: true } }, attempt, undefined)
      return { orderId: id, work }
    })
  },
  {
    name: "a return",
    prepare: Effect.fnUntraced(function* (own) {
      const store = yield* OrderStore
      const { id } = yield* orderIn("SHIPPED", own, [[own.products[0], 2]])
      const request = { items: [{ productId: own.products[0].id, quantity: 1 }] }
      const work = store.fulfil(id, { kind: "return", request }, yield* newFulfilmentAttempt, undefined)
      return { orderId: id, work }
    })
  },
  {
    name: "a recorded charge",
    prepare: Effect.fnUntraced(function* (own) {
      const store = yield* PaymentStore
      const { id } = yield* order(own, [[own.products[0], 1]])
      return { orderId: id, work: store.record(yield* newAttempt({ id }), "APPROVED", undefined) }
    })
  },
  ...(["APPROVED", "DECLINED", "AUTHORIZED"] as const).map(
    (outcome): Change => ({
      name: `an outcome: ${outcome}`,
      prepare: Effect.fnUntraced(function* (own) {
        const store = yield* PaymentStore
        const { id } = yield* order(own, [[own.products[0], 1]])
        const { value } = yield* store.begin(yield* newAttempt({ id }), undefined)
        return { orderId: id, work: store.settle(value.id, { outcome }, yield* newAttribution, undefined) }
      })
    })
  ),
  {
    name: "the outcome of a refund",
    prepare: Effect.fnUntraced(function* (own) {
      const store = yield* PaymentStore
      const { id } = yield* chargedOrder(own)
      const request = { kind: "refund", orderId: id, amount: euros(1) } as const
      const { value } = yield* store.reserve(request, yield* newOperation, undefined, undefined)
      const work = store.settleOperation(value.operation.id, "APPROVED", yield* newAttribution, undefined)
      return { orderId: id, work }
    })
  },
  {
    name: "a recorded chargeback",
    prepare: Effect.fnUntraced(function* (own) {
      const store = yield* PaymentStore
      const { id } = yield* chargedOrder(own)
      const request = { kind: "chargeback", orderId: id, amount: euros(1) } as const
      return { orderId: id, work: store.recordOperation(request, yield* newOperation, undefined) }
    })
  }
]

/** A shop whose product has a price, so that money can move. */
const pricedShop = Effect.gen(function* () {
  for (;;) {
    const own = yield* shop(1000)
    if (own.products[0].price.amount > 0) return own
  }
})

/** Places orders with the metadata `n` from 0, all at once, while the hook follows a script. Returns their ids and results. */
const placeNumbered = Effect.fnUntraced(function* (own: Fixture, count: number, script: Script) {
  const store = yield* OrderStore
  const placements = yield* Effect.forEach(Array.from({ length: count }), (_, n) =>
    Effect.map(newPlacement(own, [[own.products[0], 1]]), (placement) => ({
      ...placement,
      draft: { ...placement.draft, metadata: { n: String(n) } }
    }))
  )
  const works = placements.map((placement) => Effect.exit(store.place(placement)))
  const exits = yield* scripted(own.customerId, script, Effect.all(works, { concurrency: "unbounded" }))
  return exits.map((exit, n) => ({ n, id: placements[n]?.id ?? "", exit }))
})

/**
 * The laws of the hook `BeforeCommit`. They need stores that are built with `scriptedHook`: `Layer.provide(stores,
 * Layer.succeed(BeforeCommit, scriptedHook))`.
 */
export const hookLaws: ReadonlyArray<Law> = [
  law(
    "the hook gets every change of an order, with the order and the event as they are stored [H5]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* pricedShop
      for (const { name, prepare } of changes) {
        const seen = new Map<number, OrderChange>()
        const notes: Script = (change) =>
          Effect.sync(() => {
            seen.set(change.event.sequence, change)
            return undefined
          })
        const orderId = yield* scripted(
          own.customerId,
          notes,
          Effect.gen(function* () {
            const { orderId, work } = yield* prepare(own)
            yield* work
            return orderId
          })
        )
        const history = yield* store.history(orderId)
        yield* same({ name, events: [...seen.values()].map(({ event }) => event) }, { name, events: history })
        yield* same(seen.get(history.length)?.order, yield* readOrder(orderId))
      }
      yield* checkIntegrity(own)
    })
  ),

  law(
    "a caller whose change the hook refuses gets the refusal, and nothing has changed, whatever the change is [H6]",
    Effect.gen(function* () {
      const own = yield* pricedShop
      for (const { prepare } of changes) {
        const { orderId, work } = yield* prepare(own)
        const isRefused = refused(work, refusal(orderId))
        yield* changesNothing(own, scripted(own.customerId, refusesAll, isRefused))
        yield* work
      }
      yield* checkIntegrity(own)
    })
  ),

  law(
    "a caller on whose change the hook fails gets a defect, and nothing has changed, whatever the change is [H7]",
    Effect.gen(function* () {
      const own = yield* pricedShop
      for (const { prepare } of changes) {
        const { work } = yield* prepare(own)
        for (const script of [
          () => Effect.fail("a failure"),
          () => Effect.die("a defect"),
          () => Effect.interrupt
        ]) {
          const fails = Effect.flatMap(Effect.exit(work), (exit) =>
            Exit.isFailure(exit) && Cause.hasDies(exit.cause)
              ? Effect.void
              : new Difference({ expected: "a defect", actual: exit })
          )
          yield* changesNothing(own, scripted(own.customerId, script, fails))
        }
        yield* work
      }
      yield* checkIntegrity(own)
    })
  ),

  law(
    "50 concurrent placements, and the hook refuses every second: each gets its own answer [H6]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(50)
      const refusesOdd: Script = ({ order }) => Effect.succeed(isOdd(order) ? refusal(order.id) : undefined)
      for (const { n, id, exit } of yield* placeNumbered(own, 50, refusesOdd)) {
        const answer = Exit.isSuccess(exit) ? resultOf(exit.value).id : Cause.squash(exit.cause)
        yield* same<unknown>(answer, n % 2 === 1 ? refusal(id) : id)
        yield* same(Option.isSome(yield* store.get(OrderId.make(id))), n % 2 === 0)
      }
      yield* checkIntegrity(own)
    })
  ),

  law(
    "20 concurrent placements, and the hook fails on some: the others are placed [H7]",
    Effect.gen(function* () {
      const own = yield* shop(50)
      const script: Script = ({ order }) =>
        Number(order.metadata.n) % 5 === 0 ? Effect.fail("a failure") : Effect.undefined
      for (const { n, exit } of yield* placeNumbered(own, 20, script)) {
        yield* same(Exit.isSuccess(exit), n % 5 > 0)
        if (Exit.isFailure(exit)) yield* same(Cause.hasDies(exit.cause), true)
      }
      yield* checkIntegrity(own)
    })
  ),

  law(
    "of concurrent steps of one order the hook refuses only the one that it does not want [H6]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(100)
      for (let round = 0; round < 5; round++) {
        const { id } = yield* orderIn("PAID", own, [[own.products[0], 1]])
        const by = yield* newAttribution
        const [shipped, completed] = yield* scripted(
          own.customerId,
          refusesEvent("completed"),
          Effect.all(
            [store.advance(id, "shipped", by, undefined), store.advance(id, "completed", by, undefined)],
            { concurrency: "unbounded", mode: "result" }
          )
        )
        yield* same(Result.isSuccess(shipped), true)
        // It may also come before the shipment.
        yield* same(
          Result.isFailure(completed) &&
            ["OrderRefused", "IllegalTransition"].includes(completed.failure._tag),
          true
        )
        yield* same((yield* readOrder(id)).status, "SHIPPED")
      }
      yield* checkIntegrity(own)
    })
  ),

  law(
    "a refusal of the hook leaves the key unused, and a replay does not run the hook [H5] [I3]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(100)
      const placement = yield* newPlacement(own, [[own.products[0], 1]], {
        idempotency: yield* newClaim("place order")
      })
      yield* scripted(own.customerId, refusesAll, refused(store.place(placement), refusal(placement.id)))
      const first = yield* store.place(placement)
      const again = yield* scripted(own.customerId, refusesAll, store.place(placement))
      yield* same(again, { value: resultOf(first), replayed: true })
      const idempotency = yield* newClaim("ship order")
      const { id } = yield* orderIn("PAID", own, [[own.products[0], 1]])
      const ship = store.advance(id, "shipped", yield* newAttribution, idempotency)
      yield* scripted(own.customerId, refusesAll, refused(ship, refusal(id)))
      const shipped = yield* ship
      yield* same(yield* scripted(own.customerId, refusesAll, ship), {
        value: resultOf(shipped),
        replayed: true
      })
    })
  ),

  law(
    "a sweep expires every order but those that the hook refuses or fails on, and passes those over [H6]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(100)
      const noon = yield* newNoon(1200, 1500)
      const due = yield* Effect.forEach(Array.from({ length: 9 }), () =>
        order(own, [[own.products[0], 1]], { at: new Date(noon) })
      )
      const ids = due.map(({ id }) => id).sort()
      const [fails, refuses] = [new Set([ids[1], ids[5]]), new Set([ids[0], ids[2], ids[8]])]
      const script: Script = ({ order }) => {
        if (fails.has(order.id)) return Effect.fail("a failure")
        return Effect.succeed(refuses.has(order.id) ? refusal(order.id) : undefined)
      }
      const kept = ids.filter((id) => fails.has(id) || refuses.has(id))
      const sweep = (after?: OrderId) =>
        Effect.flatMap(newAttribution, (by) => store.expireUnpaid(new Date(noon + 1), 4, by, after))
      const found: Array<OrderId> = []
      yield* scripted(
        own.customerId,
        script,
        Effect.gen(function* () {
          let after: OrderId | undefined
          for (const expected of [4, 4, 1, 0]) {
            const swept = yield* sweep(after)
            const all = [...swept.expired, ...swept.kept].sort()
            yield* same(all.length, expected)
            yield* same(
              [...swept.kept].sort(),
              all.filter((id) => kept.includes(id))
            )
            found.push(...all)
            after = all.at(-1) ?? after
          }
        })
      )
      yield* same(found, ids)
      for (const id of ids) {
        yield* same((yield* readOrder(id)).status, kept.includes(id) ? "CREATED" : "FAILED")
      }
      yield* checkIntegrity(own)
      yield* same((yield* sweep()).expired.length, 4)
      yield* same((yield* sweep()).expired.length, 1)
    })
  )
]
