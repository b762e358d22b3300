import { Effect, Fiber, Option, Random, Schedule } from "effect"
import type { Product } from "../../domain/catalog/Product.ts"
import { isCommerceError } from "../../services/CommerceError.ts"
import { ask, type EffectOrPromise, type ShopUnderTest } from "./ShopUnderTest.ts"

/** The settings of a workload. */
export interface WorkloadSettings {
  /** Callers that each make one call after the other. Defaults to 8. */
  readonly callers?: number | undefined
  /** Calls that each caller makes. Defaults to 50. */
  readonly calls?: number | undefined
  /** The callers go on until this effect has ended, instead of making a number of calls. Defaults to none. */
  readonly until?: Effect.Effect<unknown> | undefined
  /** Readers of the feed. Defaults to 2. */
  readonly readers?: number | undefined
  /** Position from which the feed is read. Defaults to the start of the feed. */
  readonly feedAfter?: string | undefined
  /** Products that are created and sold. Defaults to 4. */
  readonly products?: number | undefined
  /** Opening stock of each product, in units. Defaults to 200. */
  readonly stock?: number | undefined
  /** Payment methods that the gateway takes. Defaults to `sim_approve`, three times out of four, and `sim_decline`. */
  readonly paymentMethods?: ReadonlyArray<string> | undefined
  /** The same seed chooses the same calls, as far as their answers are the same. Defaults to a random seed. */
  readonly seed?: string | undefined
}

type Request = Effect.Effect<unknown, unknown>

const simulated = ["sim_approve", "sim_approve", "sim_approve", "sim_decline"]

const pick = <A>(items: ReadonlyArray<A>): Effect.Effect<A> =>
  Effect.map(Random.nextIntBetween(0, items.length, { halfOpen: true }), (index) => items[index] as A)

const isOutage = (error: unknown): boolean => isCommerceError(error) && error._tag === "StoreUnavailable"

/** Creates the products. Their keys make it safe to try again during an outage. */
const createProducts = (
  { catalog }: ShopUnderTest,
  run: string,
  { products = 4, stock = 200 }: WorkloadSettings
): Effect.Effect<ReadonlyArray<Product>, unknown> => {
  const insist = <A>(call: () => EffectOrPromise<A>) =>
    Effect.retry(ask(call), { while: isOutage, schedule: Schedule.spaced("50 millis") })
  return Effect.gen(function* () {
    const category = yield* insist(() =>
      catalog.createCategory({ name: `Workload ${run}` }, { idempotencyKey: `${run}/category` })
    )
    return yield* Effect.forEach(Array.from({ length: products }).keys(), (n) => {
      const product = { categoryId: category.id, name: `Product ${n}`, stock }
      const price = { amount: 100 * (n + 1), currency: "EUR" }
      return insist(() =>
        catalog.createProduct({ ...product, price }, { idempotencyKey: `${run}/product/${n}` })
      )
    })
  })
}

/** What the callers know of each other's orders: those that were placed, and those that were paid or shipped since. */
const noOrders = () => ({ placed: [] as string[], paid: [] as string[], shipped: [] as string[] })

/** Makes one call: whatever its random numbers say. */
const caller = (
  shop: ShopUnderTest,
  actor: string,
  products: ReadonlyArray<Product>,
  orders: ReturnType<typeof noOrders>,
  paymentMethods: ReadonlyArray<string>
): Request => {
  const customerId = crypto.randomUUID()
  const keyed: Array<Request> = []
  let requests = 0

  /** Sends a request with or without a key. Keeps it if it has one, to repeat it. */
  const change = (send: (options: { actor: string; idempotencyKey?: string }, name: string) => Request) =>
    Effect.gen(function* () {
      const name = `${actor}/${requests++}`
      if (yield* Random.nextBoolean) return yield* send({ actor }, name)
      const request = send({ actor, idempotencyKey: name }, name)
      keyed.push(request)
      return yield* request
    })

  const place = Effect.gen(function* () {
    const lines = yield* Effect.replicateEffect(
      Effect.all({ product: pick(products), quantity: Random.nextIntBetween(1, 3) }),
      yield* Random.nextIntBetween(1, 3)
    )
    const items = lines.map(({ product, quantity }) => ({ productId: product.id, quantity }))
    // The name tells orders of equal items from each other.
    const order = (name: string) => ({ customerId, items, metadata: { name } })
    return yield* change((options, name) =>
      Effect.tap(
        ask(() => shop.orders.placeOrReplay(order(name), options)),
        ({ value, replayed }) => Effect.sync(() => replayed || orders.placed.push(value.id))
      )
    )
  })

  /** Chooses one of the latest orders of all callers, so that callers meet. */
  const ofOrder = (
    request: (orderId: string) => Request,
    from: ReadonlyArray<string> = orders.placed
  ): Request =>
    Effect.suspend(() => (from.length === 0 ? place : Effect.flatMap(pick(from.slice(-12)), request)))

  const pay = ofOrder((orderId) =>
    Effect.flatMap(pick(paymentMethods), (paymentMethod) =>
      change((options) =>
        Effect.tap(
          ask(() => shop.payments.payOrReplay({ orderId, paymentMethod }, options)),
          ({ value }) => Effect.sync(() => value.orderStatus === "PAID" && orders.paid.push(orderId))
        )
      )
    )
  )
  const ship = ofOrder(
    (orderId) =>
      change((options) =>
        Effect.tap(
          ask(() => shop.orders.ship(orderId, options)),
          () => Effect.sync(() => orders.shipped.push(orderId))
        )
      ),
    orders.paid
  )
  const complete = ofOrder(
    (orderId) => change((options) => ask(() => shop.orders.complete(orderId, options))),
    orders.shipped
  )
  const expire = ofOrder((orderId) => change((options) => ask(() => shop.orders.expire(orderId, options))))
  const adjust = Effect.flatMap(
    Effect.all([pick(products), pick([-3, -2, -1, 1, 2, 5, 8])]),
    ([{ id: productId }, delta]) =>
      change((options, reason) =>
        ask(() => shop.catalog.adjustStockOrReplay({ productId, delta, reason }, options))
      )
  )
  const reprice = Effect.flatMap(
    Effect.all([pick(products), Random.nextIntBetween(1, 1000)]),
    ([{ id: productId }, amount]) =>
      change((options) =>
        ask(() => shop.catalog.changeProduct({ productId, price: { amount, currency: "EUR" } }, options))
      )
  )
  const repeat = Effect.suspend(() => (keyed.length === 0 ? place : Effect.flatten(pick(keyed.slice(-8)))))
  const read = Effect.flatten(
    pick<Request>([
      ofOrder((orderId) => ask(() => shop.orders.get(orderId))),
      ofOrder((orderId) => ask(() => shop.orders.get(orderId))),
      ofOrder((orderId) => ask(() => shop.orders.history(orderId))),
      ofOrder((orderId) => ask(() => shop.payments.list(orderId))),
      ask(() => shop.orders.list({ customerId, limit: 20 })),
      Effect.flatMap(pick(products), ({ id }) => ask(() => shop.catalog.product(id)))
    ])
  )
  const register = Effect.suspend(() => {
    const { accounts } = shop
    const email = `${crypto.randomUUID()}@example.com`
    return accounts === undefined ? place : ask(() => accounts.register({ email, password: "correct horse" }))
  })
  const requestsByWeight: ReadonlyArray<readonly [Request, number]> = [
    [place, 24],
    [pay, 20],
    [read, 20],
    [repeat, 12],
    [ship, 8],
    [complete, 5],
    [expire, 4],
    [adjust, 8],
    [reprice, 2],
    [register, 1]
  ]
  const bag = requestsByWeight.flatMap(([request, weight]) => Array.from({ length: weight }, () => request))
  return Effect.flatten(pick(bag))
}

/** Reads the feed page by page, and now and then again from an earlier position. */
const reader = ({ orders }: ShopUnderTest, start: string | undefined): Request => {
  const positions: Array<string | undefined> = [start]
  let after = start
  return Effect.gen(function* () {
    if ((yield* Random.next) < 0.02) after = yield* pick(positions)
    const limit = yield* Random.nextIntBetween(1, 20)
    const from = after
    const page = yield* Effect.option(ask(() => orders.feed({ after: from, limit })))
    if (Option.isNone(page)) {
      after = start
      return yield* Effect.sleep("20 millis")
    }
    after = page.value.at(-1)?.position ?? after
    positions.push(after)
    if (page.value.length === 0) yield* Effect.sleep("5 millis")
  })
}

/**
 * Sells, pays, ships and reads with many callers at once, with and without idempotency keys, and repeats requests. Give it a recorded
 * shop, and judge the history afterwards. Refusals and outages are part of it. Fails with the error of a call if the products cannot
 * be created; a bug of the shop ends it.
 *
 * It creates products and customers of its own, and orders that stay.
 */
export const runWorkload = (
  shop: ShopUnderTest,
  settings: WorkloadSettings = {}
): Effect.Effect<void, unknown> =>
  Effect.gen(function* () {
    const { callers = 8, calls = 50, readers = 2, paymentMethods = simulated, until, feedAfter } = settings
    const seed = settings.seed ?? String(yield* Random.nextInt)
    const run = crypto.randomUUID()
    const products = yield* createProducts(shop, run, settings)
    const orders = noOrders()
    let isOver = false

    const goOn = (request: Request, most: number, n: number) =>
      Effect.gen(function* () {
        for (let made = 0; made < most && !isOver; made++) {
          yield* Effect.catch(request, (error) => (isOutage(error) ? Effect.sleep("20 millis") : Effect.void))
        }
      }).pipe(Random.withSeed(`${seed}/${n}`))

    const most = until === undefined ? calls : Infinity
    const reading = yield* Effect.forEach(Array.from({ length: readers }).keys(), (n) =>
      Effect.forkChild(goOn(reader(shop, feedAfter), Infinity, callers + n))
    )
    const calling = yield* Effect.forEach(Array.from({ length: callers }).keys(), (n) =>
      Effect.forkChild(goOn(caller(shop, `${run}/${n}`, products, orders, paymentMethods), most, n))
    )
    if (until !== undefined) {
      yield* until
      isOver = true
    }
    yield* Fiber.joinAll(calling)
    isOver = true
    yield* Fiber.joinAll(reading)
  })
