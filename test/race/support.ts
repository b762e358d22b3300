/** What the tests of races, outages and crashes share: shops on PostgreSQL, and many who do things at once. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, References, Result, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import type * as Postgres from "../../src/adapters/postgres/index.ts"
import type { Outcome } from "../../src/domain/payments/Payment.ts"
import type { GatewayUnavailable } from "../../src/ports/errors.ts"
import { type Charge, PaymentGateway } from "../../src/ports/PaymentGateway.ts"
import { holdingRows, sessionsThatWait } from "../support/locks.ts"
import { freshDatabase } from "../support/postgres.ts"
import { isRight, openShop, type ShopSettings, type TestShop } from "../support/TestShop.ts"

export { isRight, openShop, type ShopSettings, type TestShop }

/** A test with a shop on a database of its own, after which every invariant must hold. */
export const race = (
  name: string,
  body: (shop: TestShop) => Effect.Effect<unknown, unknown, Scope.Scope>,
  settings: ShopSettings & { readonly timeout?: number } = {}
) =>
  it.live(
    name,
    () =>
      Effect.gen(function* () {
        const shop = yield* openShop(yield* freshDatabase, settings)
        yield* body(shop)
        yield* isRight(shop)
      }).pipe(Effect.provideService(References.MinimumLogLevel, "None")),
    settings.timeout ?? 300_000
  )

/** Rows of a table of ours that another connection holds. Returns what releases them. */
export const hold = Effect.fnUntraced(function* (
  { url }: TestShop,
  table: "orders" | "payments" | "products",
  ...rows: ReadonlyArray<{ readonly id: string }>
) {
  const { sql } = yield* openShop(url, { pool: 1, limits: patient })
  const holding = holdingRows(table, ...rows.map(({ id }) => id))
  return (yield* Effect.provideService(holding, SqlClient.SqlClient, sql)).giveUp
})

/** Waits until so many sessions of the database wait for a lock. */
export const untilWaiting = ({ sql }: TestShop, sessions = 1) =>
  Effect.provideService(sessionsThatWait(sessions), SqlClient.SqlClient, sql)

/** Limits with which nothing gives up while a test goes on, however slow the machine is. */
export const patient = {
  acquireTimeout: 600_000,
  lockTimeout: 600_000,
  statementTimeout: 600_000,
  transactionTimeout: 600_000,
  idleTransactionTimeout: 600_000,
  shortLockTimeout: 100
} satisfies Partial<Postgres.ExecutionLimits>

/** Limits with which whatever waits gives up soon. */
export const impatient = {
  acquireTimeout: 500,
  lockTimeout: 500,
  commitTimeout: 500,
  settleTimeout: 500,
  healthTimeout: 500,
  queryTimeout: 500,
  transactionTimeout: 2_000,
  shortLockTimeout: 100,
  deadlineCheckInterval: 100
} satisfies Partial<Postgres.ExecutionLimits>

const euros = (amount: number) => ({ amount, currency: "EUR" })

let names = 0
/** A name that nothing else has in this file. */
export const newName = (what: string) => `${what} ${++names}`

export const newCustomer = (): string => crypto.randomUUID()

/** Products of one category, one per stock, at 10 euros each. */
export const stock = Effect.fnUntraced(function* ({ catalog }: TestShop, ...stocks: ReadonlyArray<number>) {
  const category = yield* catalog.createCategory({ name: newName("category") })
  return yield* Effect.forEach(stocks, (stock) =>
    catalog.createProduct({
      categoryId: category.id,
      name: newName("product"),
      price: euros(1000),
      stock
    })
  )
})

/** One product with this stock, at 10 euros. */
export const product = (shop: TestShop, units: number) =>
  Effect.map(stock(shop, units), ([only]) => only ?? assert.fail("no product"))

export const unitsOf = ({ catalog }: TestShop, { id }: { readonly id: string }) =>
  Effect.map(catalog.product(id), ({ stock }) => stock)

/** One unit of each of these products, for somebody new. */
export const oneOfEach = (products: ReadonlyArray<{ readonly id: string }>) => ({
  customerId: newCustomer(),
  items: products.map(({ id }) => ({ productId: id, quantity: 1 }))
})

/** Places an order of one unit of each of these products. */
export const buy = ({ orders }: TestShop, ...products: ReadonlyArray<{ readonly id: string }>) =>
  orders.place(oneOfEach(products))

/** Does things at once; what came of each, in their order. */
export const atOnce = <A, E, R>(works: Iterable<Effect.Effect<A, E, R>>) =>
  Effect.forEach(works, Effect.result, { concurrency: "unbounded" })

export const times = (count: number) => Array.from({ length: count }, (_, index) => index)

/** How many were done, and how many were refused and why. */
export const tally = <A, E extends { readonly _tag: string }>(
  results: ReadonlyArray<Result.Result<A, E>>
) => {
  const counts: Record<string, number> = {}
  for (const result of results) {
    const what = Result.isSuccess(result) ? "done" : result.failure._tag
    counts[what] = (counts[what] ?? 0) + 1
  }
  return counts
}

/** The answers among what came of it. */
export const answers = <A, E>(results: ReadonlyArray<Result.Result<A, E>>): ReadonlyArray<A> =>
  results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))

/** A gateway that takes every method and answers like this. */
export const gatewayThat = (
  charge: (charge: Charge) => Effect.Effect<Outcome, GatewayUnavailable>
): Layer.Layer<PaymentGateway> =>
  Layer.succeed(PaymentGateway, PaymentGateway.of({ accepts: () => true, charge }))

/** What has become of an order of one unit, and of the only unit of its product. */
export interface Ending {
  readonly status: string
  readonly payments: ReadonlyArray<string>
  readonly steps: ReadonlyArray<string>
  readonly stock: number
}

export const endings = {
  paid: { status: "PAID", payments: ["APPROVED"], steps: ["placed", "paid"], stock: 0 },
  declined: { status: "FAILED", payments: ["DECLINED"], steps: ["placed", "declined"], stock: 1 },
  chargedLate: {
    status: "FAILED",
    payments: ["APPROVED"],
    steps: ["placed", "declined", "charged-late"],
    stock: 1
  },
  expired: { status: "FAILED", payments: [], steps: ["placed", "expired"], stock: 1 },
  pending: { status: "CREATED", payments: ["PENDING"], steps: ["placed"], stock: 0 },
  cancelled: { status: "CREATED", payments: ["CANCELLED"], steps: ["placed"], stock: 0 }
} satisfies Record<string, Ending>

export const endingOf = Effect.fnUntraced(function* (
  shop: TestShop,
  orderId: string,
  item: { readonly id: string }
) {
  const [{ status }, payments, events, units] = yield* Effect.all(
    [
      shop.orders.get(orderId),
      shop.payments.list(orderId),
      shop.orders.history(orderId),
      unitsOf(shop, item)
    ],
    { concurrency: "unbounded" }
  )
  const ending: Ending = {
    status,
    payments: payments.map((payment) => payment.status),
    steps: events.map(({ event }) => event),
    stock: units
  }
  return ending
})
