import { assert, describe } from "@effect/vitest"
import { Effect, Random, Result } from "effect"
import {
  answers,
  newCustomer,
  openShop,
  race,
  stock,
  type TestShop,
  tally,
  times,
  unitsOf
} from "../support.ts"

type Items = ReadonlyArray<{ readonly productId: string; readonly quantity: number }>
type Work = Effect.Effect<unknown, { readonly _tag: string }>
type Refusal = Effect.Error<Work>["_tag"]

/** Refusals that are part of the business: nobody may meet anything else. */
const expected: ReadonlyArray<Refusal> = [
  "InsufficientStock",
  "ProductUnavailable",
  "OrderNotPayable",
  "PaymentInProgress",
  "PaymentSettled",
  "IllegalTransition",
  "InsufficientUnits"
]

const pick = <A>(from: ReadonlyArray<A>) =>
  Effect.map(Random.nextIntBetween(0, from.length, { halfOpen: true }), (index) => from[index] as A)

/** Waits until all connections but this one are closed, and tells how many deadlocks the database has ever seen. */
const deadlocks = ({ sql }: TestShop) =>
  Effect.gen(function* () {
    const others = Effect.map(
      sql<{ open: number }>`
        SELECT count(*)::int AS open FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      ([row]) => row?.open
    )
    yield* Effect.repeat(others, { while: (open) => open !== 0 })
    const [found] = yield* sql<{ deadlocks: number }>`
      SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`
    return found?.deadlocks
  })

/** Somebody who does one thing after the other: whatever comes to their mind. */
const somebody = Effect.fnUntraced(function* (
  { orders, payments, catalog, sql }: TestShop,
  products: ReadonlyArray<{ readonly id: string }>,
  known: Array<string>
) {
  const someItems = Effect.gen(function* () {
    const shuffled = yield* Random.shuffle(products)
    const count = yield* Random.nextIntBetween(1, 5)
    return Array.from(shuffled)
      .slice(0, count)
      .map(({ id }) => ({ productId: id, quantity: 1 }))
  })
  const place: Work = Effect.gen(function* () {
    const { id } = yield* orders.place({ customerId: newCustomer(), items: yield* someItems })
    yield* sql.afterCommit(Effect.sync(() => known.push(id)))
  })
  const ofSome = (step: (orderId: string) => Work): Work =>
    Effect.suspend(() => (known.length === 0 ? place : Effect.flatMap(pick(known), step)))
  const ofOneUnit = (step: (orderId: string, items: Items) => Work): Work =>
    ofSome((orderId) =>
      Effect.gen(function* () {
        const { productId } = yield* pick((yield* Effect.orDie(orders.get(orderId))).items)
        return yield* step(orderId, [{ productId, quantity: 1 }])
      })
    )
  const pay = (paymentMethod: string) => ofSome((orderId) => payments.pay({ orderId, paymentMethod }))
  const record = (outcome: "APPROVED" | "DECLINED") =>
    ofSome((orderId) => payments.record({ orderId, outcome, paymentMethod: "cash" }))
  const adjust: Work = Effect.flatMap(Effect.all([pick(products), pick([-1, 1, 2])]), ([{ id }, delta]) =>
    catalog.adjustStock({ productId: id, delta })
  )
  const rename: Work = Effect.flatMap(pick(products), ({ id }) =>
    catalog.changeProduct({ productId: id, name: "renamed" })
  )
  const inTransaction = (work: Work): Work =>
    Effect.orDie(sql.withTransaction(Effect.result(work))).pipe(Effect.flatMap(Effect.fromResult))

  const anywhere = [
    place,
    place,
    ofSome((id) => orders.expire(id)),
    ofSome((id) => orders.ship(id)),
    ofSome((id) => orders.complete(id)),
    ofSome((id) => orders.cancel(id)),
    ofOneUnit((id, items) => orders.ship(id, { items })),
    ofOneUnit((id, items) => orders.cancel(id, { items })),
    ofOneUnit((id, items) => orders.returnItems(id, { items })),
    record("APPROVED"),
    record("DECLINED"),
    adjust,
    rename
  ]
  const works = [
    ...anywhere,
    ...anywhere.map(inTransaction),
    pay("sim_approve"),
    pay("sim_decline"),
    pay("sim_timeout"),
    Effect.asVoid(orders.expireUnpaid("1 second"))
  ]
  return yield* Effect.forEach(times(40), () => Effect.result(Effect.flatten(pick(works))))
})

describe("everything at once", () => {
  race(
    "no call meets a deadlock, a bug or an outage, and nothing is lost [S3]",
    (shop) =>
      Effect.gen(function* () {
        const products = yield* stock(shop, 30, 30, 30, 30, 30, 30)
        const known: Array<string> = []
        const busy = Effect.gen(function* () {
          const shops = [yield* openShop(shop.url), yield* openShop(shop.url)]
          return yield* Effect.forEach(
            shops.flatMap((own) => times(8).map(() => own)),
            (own) => somebody(own, products, known),
            { concurrency: "unbounded" }
          )
        })
        const done = (yield* Effect.scoped(busy)).flat()
        const { done: successes = 0, ...refusals } = tally(done)
        assert.isAbove(successes, 200)
        for (const refusal of Object.keys(refusals)) assert.include(expected, refusal)
        assert.isAbove(known.length, 50)
        assert.strictEqual(answers(done).length + done.filter(Result.isFailure).length, 640)
        assert.isTrue(
          (yield* Effect.forEach(products, (item) => unitsOf(shop, item))).every((units) => units >= 0)
        )
        assert.strictEqual(yield* deadlocks(shop), 0)
      }),
    { pool: 1 }
  )
})
