import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber, Result } from "effect"
import {
  atOnce,
  newCustomer,
  openShop,
  patient,
  product,
  race,
  stock,
  type TestShop,
  tally,
  times,
  untilWaiting
} from "./support.ts"

const reasons = <A>(results: ReadonlyArray<Result.Result<A, object>>) => [
  ...new Set(
    results.flatMap((result) =>
      Result.isFailure(result) && "reason" in result.failure ? [result.failure.reason] : []
    )
  )
]

/** One product for each process: the lock of a common product would keep their orders in turn. */
const apart = Effect.fnUntraced(function* (shop: TestShop) {
  const goods = yield* stock(shop, 10_000, 10_000)
  return (n: number) => [{ productId: goods[n % 2]?.id ?? "", quantity: 1 }]
})

/** Places an order in a transaction that stays open: it holds all that it has taken until it is told to end. */
const holdingOrder = Effect.fnUntraced(function* (
  { orders, sql }: TestShop,
  draft: Parameters<TestShop["orders"]["place"]>[0]
) {
  const [placed, told] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
  const holder = yield* Effect.forkScoped(
    sql.withTransaction(
      orders
        .place(draft)
        .pipe(Effect.andThen(Deferred.succeed(placed, undefined)), Effect.andThen(Deferred.await(told)))
    )
  )
  yield* Effect.raceFirst(Deferred.await(placed), Fiber.join(holder))
  return Effect.andThen(Deferred.succeed(told, undefined), Fiber.join(holder))
})

/**
 * Another process takes all that a voucher has left, and commits while ten orders wait for it. Their batch has ten
 * neighbours that buy the same product without the voucher.
 */
const takenMeanwhile = (name: string, bound: { uses: number } | { perCustomer: number }, reason: string) =>
  race(
    name,
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url, { limits: patient })
        const itemsOf = yield* apart(shop)
        yield* shop.vouchers.create({ code: "Last", name: "Last", rate: 100_000, ...bound })
        const customerId = newCustomer()
        const named = { customerId, codes: ["last"] }
        const commit = yield* holdingOrder(other, { ...named, items: itemsOf(0) })

        const late = { customerId, items: itemsOf(1) }
        const wanting = yield* Effect.forkScoped(
          atOnce(times(10).map(() => shop.orders.place({ ...named, ...late })))
        )
        const neighbours = yield* Effect.forkScoped(atOnce(times(10).map(() => shop.orders.place(late))))
        const bought = yield* Fiber.join(neighbours)
        assert.deepStrictEqual(tally(bought), { done: 10 })
        yield* untilWaiting(shop)
        for (const _ of times(5)) {
          yield* Effect.sleep(patient.shortLockTimeout)
          yield* shop.orders.place(late)
        }
        yield* commit
        const refused = yield* Fiber.join(wanting)
        assert.deepStrictEqual(tally(refused), { VoucherNotValid: 10 })
        assert.deepStrictEqual(reasons(refused), [reason])
      }),
    { limits: patient, timeout: 60_000 }
  )

describe("vouchers at once", () => {
  takenMeanwhile(
    "orders that wait for the last use of a voucher are refused once it is taken, and delay no others [S12]",
    { uses: 1 },
    "used up"
  )

  takenMeanwhile(
    "orders that wait for a customer's last use are refused once it is taken, and delay no others [S12]",
    { perCustomer: 1 },
    "used by this customer"
  )

  for (const [buyers, uses] of [
    ["20", 1],
    ["1,200", 1000]
  ] as const) {
    race(
      `of ${buyers} orders through two pools, exactly ${uses} get a voucher of ${uses} uses [S12]`,
      (shop) =>
        Effect.gen(function* () {
          const other = yield* openShop(shop.url)
          const itemsOf = yield* apart(shop)
          const voucher = yield* shop.vouchers.create({ code: "Rush", name: "Rush", rate: 100_000, uses })
          const count = Number(buyers.replace(",", ""))
          const placed = yield* atOnce(
            times(count).map((n) =>
              (n % 2 === 0 ? shop : other).orders.place({
                customerId: newCustomer(),
                items: itemsOf(n),
                codes: ["rush"]
              })
            )
          )
          assert.deepStrictEqual(tally(placed), { done: uses, VoucherNotValid: count - uses })
          assert.deepStrictEqual(reasons(placed), ["used up"])
          assert.strictEqual((yield* shop.vouchers.get(voucher.id)).usesLeft, 0)
        })
    )
  }

  race("a voucher without bounds is neither written nor locked by 100 orders at once", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const itemsOf = yield* apart(shop)
      yield* shop.vouchers.create({ code: "Friends", name: "Friends", rate: 100_000 })
      // A lock leaves its transaction in xmax, and a change leaves a new xmin.
      const row = shop.sql`SELECT xmin::text, xmax::text, ctid::text FROM commerce.vouchers`
      const before = yield* row
      const placed = yield* atOnce(
        times(100).map((n) =>
          (n % 2 === 0 ? shop : other).orders.place({
            customerId: newCustomer(),
            items: itemsOf(n),
            codes: ["friends"]
          })
        )
      )
      assert.deepStrictEqual(tally(placed), { done: 100 })
      assert.deepStrictEqual(yield* row, before)
    })
  )

  race(
    "of 200 orders of one customer through two pools with two uses per customer, two get one [S12]",
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url)
        const itemsOf = yield* apart(shop)
        yield* shop.vouchers.create({ code: "Twice", name: "Twice", rate: 100_000, perCustomer: 2 })
        const customerId = newCustomer()
        const placed = yield* atOnce(
          times(200).map((n) =>
            (n % 2 === 0 ? shop : other).orders.place({ customerId, items: itemsOf(n), codes: ["twice"] })
          )
        )
        assert.deepStrictEqual(tally(placed), { done: 2, VoucherNotValid: 198 })
        assert.deepStrictEqual(reasons(placed), ["used by this customer"])
      })
  )

  race("uses are taken and given back in any order without a deadlock, and add up [S13]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const goods = [yield* product(shop, 10_000), yield* product(shop, 10_000)]
      const codes = ["One", "Two"]
      const vouchers = yield* Effect.forEach(codes, (code) =>
        shop.vouchers.create({ code, name: code, rate: 100_000, uses: 35, perCustomer: 400 })
      )
      const customerId = newCustomer()
      for (const _ of times(3)) {
        const ordered = yield* atOnce(
          times(200).map((n) => {
            const { orders } = n % 2 === 0 ? shop : other
            const [first, second] = n % 3 === 0 ? [codes, goods] : [codes.toReversed(), goods.toReversed()]
            const items = second.map(({ id: productId }) => ({ productId, quantity: 1 }))
            return Effect.flatMap(orders.place({ customerId, items, codes: first }), ({ id }) =>
              n % 4 < 2 ? orders.expire(id) : Effect.succeed(undefined)
            )
          })
        )
        assert.sameMembers(Object.keys(tally(ordered)), ["done", "VoucherNotValid"])
      }
      const left = yield* Effect.forEach(vouchers, ({ id }) => shop.vouchers.get(id))
      const [living] = yield* shop.sql<{ orders: number }>`
        SELECT count(*)::int AS orders FROM commerce.orders WHERE status <> 'FAILED'`
      const expected = 35 - (living?.orders ?? 0)
      assert.isAtMost(expected, 34)
      assert.deepStrictEqual(
        left.map(({ usesLeft }) => usesLeft),
        [expected, expected]
      )
    })
  )

  race(
    "placing, paying, failing, cancelling, restocking and changing vouchers never deadlock [S13]",
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url)
        const goods = [yield* product(shop, 1000), yield* product(shop, 1000)]
        const codes = ["One", "Two"]
        const vouchers = yield* Effect.forEach(codes, (code) =>
          shop.vouchers.create({ code, name: code, rate: 100_000, uses: 60 })
        )
        /** How an order ends: two of six keep their uses. */
        const ends = [
          ({ orders }: TestShop, id: string) => orders.expire(id),
          ({ orders }: TestShop, id: string) => orders.cancel(id),
          ({ payments }: TestShop, orderId: string) =>
            payments.pay({ orderId, paymentMethod: "sim_decline" }),
          ({ payments, orders }: TestShop, orderId: string) =>
            Effect.andThen(
              payments.pay({ orderId, paymentMethod: "sim_approve" }),
              Effect.suspend(() => orders.cancel(orderId))
            ),
          ({ payments }: TestShop, orderId: string) =>
            payments.pay({ orderId, paymentMethod: "sim_approve" }),
          () => Effect.void
        ] as const
        const buying = times(180).map((n) => {
          const at = n % 2 === 0 ? shop : other
          const [named, bought] = n % 3 === 0 ? [codes, goods] : [codes.toReversed(), goods.toReversed()]
          const items = bought.map(({ id: productId }) => ({ productId, quantity: 1 }))
          return Effect.flatMap(
            at.orders.place({ customerId: newCustomer(), items, codes: named }),
            ({ id }): Effect.Effect<unknown, { readonly _tag: string }> =>
              ends[n % 6]?.(at, id) ?? Effect.void
          )
        })
        const managing = times(20).flatMap(
          (n): ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }>> => [
            shop.catalog.adjustStock({ productId: goods[n % 2]?.id ?? "", delta: 1 }),
            // A change that comes after a larger one may be below what is taken by then.
            other.vouchers
              .change({ voucherId: vouchers[n % 2]?.id ?? "", uses: 60 + n })
              .pipe(Effect.catchTag("InvalidInput", () => Effect.void))
          ]
        )
        const done = yield* atOnce<unknown, { readonly _tag: string }, never>([...buying, ...managing])
        const { VoucherNotValid: refused = 0, ...others } = tally(done)
        assert.deepStrictEqual(others, { done: 220 - refused })

        const left = yield* Effect.forEach(vouchers, ({ id }) => shop.vouchers.get(id))
        const [living] = yield* shop.sql<{ orders: number }>`
        SELECT count(*)::int AS orders FROM commerce.orders WHERE status NOT IN ('FAILED', 'CANCELLED')`
        for (const { uses, usesLeft } of left) {
          assert.strictEqual(usesLeft, (uses ?? 0) - (living?.orders ?? 0))
        }
      })
  )
})
