import pg from "pg"
import type postgres from "postgres"
import { afterAll, assert, beforeAll, describe, expectTypeOf, it } from "vitest"
import {
  type CommerceApi,
  CommerceClosed,
  type Executor,
  isCommerceError,
  type PgTransaction,
  type PostgresJsTransaction,
  type PrismaTransaction
} from "../../src/promise/index.ts"
import type { Prisma, PrismaClient } from "../support/prisma/generated/client.ts"
import { type Host, hosts } from "./hosts.ts"
import { newProduct, orderOf, reasonOf, useCommerce, useDatabase, whileHeld } from "./support.ts"

class HostGivesUp extends Error {}

const approved = (orderId: string) => ({ orderId, paymentMethod: "cash", outcome: "APPROVED" }) as const

describe.each(hosts)("a host on $name", ({ name, open }) => {
  const url = useDatabase()
  const opened = useCommerce(url)
  let host: Host
  let watch: pg.Client

  beforeAll(async () => {
    host = open(url())
    watch = new pg.Client({ connectionString: url() })
    await watch.connect()
    await watch.query("CREATE TABLE public.diary (entry text PRIMARY KEY)")
  })
  afterAll(async () => {
    await host.end()
    await watch.end()
  })

  const note = (executor: Executor, entry: string) =>
    executor("INSERT INTO public.diary (entry) VALUES ($1)", [entry])

  const noted = async (entry: string) =>
    (await watch.query("SELECT FROM public.diary WHERE entry = $1", [entry])).rowCount === 1

  /** Every row of every table of ours, as text. */
  const allRows = async () => {
    const tables = await watch.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'commerce' ORDER BY 1"
    )
    assert.isAbove(tables.rows.length, 10)
    const contents: Array<unknown> = []
    for (const { tablename } of tables.rows) {
      const rows = await watch.query(`SELECT t::text FROM commerce.${tablename} t ORDER BY 1`)
      contents.push([tablename, rows.rows])
    }
    return contents
  }

  const within = <A>(work: (shop: CommerceApi, executor: Executor) => Promise<A>): Promise<A> =>
    host.transaction((executor) => opened().within(executor, (shop) => work(shop, executor)))

  it("commits its row and an order together, with its event and its key", async () => {
    const { catalog, orders } = opened()
    const { id: productId } = await newProduct(opened(), 5)
    const draft = { ...orderOf(productId, 2), metadata: { gift: "yes" } }
    const once = { idempotencyKey: "kept" }
    const placed = await within(async (shop, executor) => {
      const order = await shop.orders.place(draft, once)
      await note(executor, order.id)
      assert.isFalse(await noted(order.id))
      return order
    })
    assert.isTrue(await noted(placed.id))
    assert.deepStrictEqual(await orders.get(placed.id), placed)
    assert.deepStrictEqual(await orders.placeOrReplay(draft, once), { value: placed, replayed: true })
    assert.strictEqual((await catalog.product(productId)).stock, 3)
    // Transactions of others on this server hold the feed up.
    for await (const { orderId } of orders.follow({ every: 50 })) if (orderId === placed.id) break
  })

  it("leaves nothing of ours when it rolls back, whatever was done", async () => {
    const { id: productId } = await newProduct(opened(), 9)
    const unpaid = await opened().orders.place(orderOf(productId))
    const before = await allRows()
    const work = within(async ({ accounts, catalog, orders, payments }, executor) => {
      const person = { email: "never@example.com", password: "a long password" }
      await note(executor, "never")
      await accounts.register(person)
      await accounts.login(person)
      const added = await newProduct({ ...opened(), catalog }, 3)
      await catalog.changeProduct({ productId, name: "Cup", price: { amount: 1, currency: "USD" } })
      await catalog.adjustStock({ productId, delta: 1, reason: "found" }, { idempotencyKey: "never" })
      await payments.record(approved(unpaid.id), { idempotencyKey: "never" })
      await orders.ship(unpaid.id)
      await orders.complete(unpaid.id)
      const { id } = await orders.place(orderOf(added.id), { idempotencyKey: "never" })
      await orders.expire(id)
      throw new HostGivesUp()
    })
    assert.instanceOf(await reasonOf(work), HostGivesUp)
    assert.deepStrictEqual(await allRows(), before)
    assert.isFalse(await noted("never"))
  })

  it("reads there what others read once it is committed", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    const reader = { email: "reader@example.com", password: "a long password" }
    const read = async ({ accounts, analytics, catalog, orders, payments }: CommerceApi, id: string) => ({
      order: await orders.get(id),
      list: await orders.list({ status: "SHIPPED" }),
      history: await orders.history(id),
      payments: await payments.list(id),
      product: await catalog.product(productId),
      page: await catalog.products({ q: "mug", sort: "price", limit: 1 }),
      categories: await catalog.categories(),
      summary: await analytics.summary({ from: new Date("2020-01-01T00:00:00Z") }),
      session: await accounts
        .login(reader)
        .then(({ refreshToken }) => accounts.refresh(refreshToken))
        .then(({ tokenType }) => tokenType)
    })
    await opened().accounts.register(reader)
    const { id, inside } = await within(async (shop) => {
      const { id } = await shop.orders.place({ ...orderOf(productId, 2), metadata: { "a b": 'c"\\{}' } })
      await shop.payments.record(approved(id))
      await shop.orders.ship(id, { actor: "somebody" })
      return { id, inside: await read(shop, id) }
    })
    assert.deepStrictEqual(await read(opened(), id), inside)
    assert.instanceOf(inside.order.createdAt, Date)
  })

  it("goes on after any refusal, and commits", async () => {
    const { id: productId } = await newProduct(opened(), 2)
    const { id: orderId } = await opened().orders.place(orderOf(productId), { idempotencyKey: "used" })
    const taken = await opened().catalog.createCategory({ name: crypto.randomUUID() })
    const unknown = crypto.randomUUID()
    const refusals = await within(async ({ catalog, orders, payments }, executor) => {
      const all = [
        orders.place(orderOf(productId, 3)),
        orders.place(orderOf(unknown)),
        orders.ship(orderId),
        orders.get(unknown),
        catalog.createCategory({ name: taken.name.toUpperCase() }),
        catalog.adjustStock({ productId, delta: -5 }),
        payments.pay({ orderId, paymentMethod: "sim_approve" }),
        payments.recover()
      ]
      const tags = await Promise.all(
        all.map(async (call) => ((await reasonOf(call)) as { _tag: string })._tag)
      )
      await note(executor, "after refusals")
      return tags
    })
    assert.deepStrictEqual(refusals, [
      "InsufficientStock",
      "ProductNotFound",
      "IllegalTransition",
      "OrderNotFound",
      "CategoryNameTaken",
      "InsufficientStock",
      "TransactionOpen",
      "TransactionOpen"
    ])
    assert.isTrue(await noted("after refusals"))
    assert.strictEqual((await opened().orders.get(orderId)).status, "CREATED")
  })

  it("may call us many times at once in one transaction, and once per key", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    const order = orderOf(productId)
    const [orders, replays] = await within((shop) =>
      Promise.all([
        Promise.allSettled(Array.from({ length: 8 }, () => shop.orders.place(orderOf(productId)))),
        Promise.allSettled(
          Array.from({ length: 3 }, () => shop.orders.place(order, { idempotencyKey: "one" }))
        )
      ])
    )
    const placed = orders.filter(({ status }) => status === "fulfilled").length
    const ids = new Set(replays.map((answer) => (answer.status === "fulfilled" ? answer.value.id : "none")))
    assert.strictEqual(ids.size, 1)
    assert.strictEqual(placed + (ids.has("none") ? 0 : 1), 5)
    assert.strictEqual((await opened().catalog.product(productId)).stock, 0)
    assert.isTrue((await opened().verify()).ok)
  })

  it("keeps what was done before a savepoint of its own that it rolls back", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    const kept = await within(async ({ orders }, executor) => {
      const kept = await orders.place(orderOf(productId, 1))
      await executor("SAVEPOINT mine", [])
      await orders.place(orderOf(productId, 2))
      await executor("ROLLBACK TO SAVEPOINT mine", [])
      return kept
    })
    assert.deepStrictEqual(await opened().orders.get(kept.id), kept)
    assert.strictEqual((await opened().catalog.product(productId)).stock, 4)
  })

  it("waits for calls that it has forgotten, and can make none afterwards", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    const left = await within(async (shop) => {
      shop.orders.place(orderOf(productId)).catch(() => {})
      return shop
    })
    assert.strictEqual((await opened().catalog.product(productId)).stock, 4)
    assert.instanceOf(await reasonOf(left.orders.list()), CommerceClosed)
  })

  it("can abort a call, and go on", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    const { id: held } = await newProduct(opened(), 5)
    const leaving = new AbortController()
    await within(async ({ orders }) => {
      const reasons = await whileHeld(url(), ["products", held], async (somebodyWaits) => {
        const waiting = reasonOf(orders.place(orderOf(held), { signal: leaving.signal }))
        const later = reasonOf(orders.place(orderOf(productId), { signal: leaving.signal }))
        await somebodyWaits()
        leaving.abort("left")
        return [waiting, later]
      })
      assert.deepStrictEqual(await Promise.all(reasons), ["left", "left"])
      await orders.place(orderOf(productId))
    })
    assert.strictEqual((await opened().catalog.product(held)).stock, 5)
    assert.strictEqual((await opened().catalog.product(productId)).stock, 4)
  })

  it("is told that its transaction is READ ONLY, and of no outage that may be tried again", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    const { promise: told, resolve: tell } = Promise.withResolvers<unknown>()
    // postgres.js itself rejects after any statement that has failed.
    await within(async ({ orders }, executor) => {
      await executor("SET TRANSACTION READ ONLY", [])
      tell(await reasonOf(orders.place(orderOf(productId))))
    }).catch(() => {})
    assert.isFalse(isCommerceError(await told))
    assert.match(String(await told), /transaction of the caller is READ ONLY/)
    assert.strictEqual((await opened().catalog.product(productId)).stock, 5)
  })

  it("gets back the very error that its executor throws", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    for (const thrown of [new TypeError("client is undefined"), new HostGivesUp("no more")]) {
      const broken: Executor = () => Promise.reject(thrown)
      const reason = await reasonOf(opened().within(broken, ({ orders }) => orders.place(orderOf(productId))))
      assert.strictEqual(reason, thrown)
    }
  })

  // postgres.js would write to the socket that it has lost, outside of any promise.
  if (!name.includes("postgres.js")) {
    it("is told of an outage when its connection is lost", async () => {
      const { id: productId } = await newProduct(opened(), 5)
      const { promise: told, resolve: tell } = Promise.withResolvers<unknown>()
      await within(async ({ orders }, executor) => {
        const [row] = (await executor("SELECT pg_backend_pid()::text AS pid", [])) as [{ pid: string }]
        await watch.query(`SELECT pg_terminate_backend(${row.pid})`)
        tell(await reasonOf(orders.place(orderOf(productId))))
      }).catch(() => {})
      assert.propertyVal(await told, "_tag", "StoreUnavailable")
      assert.strictEqual((await opened().catalog.product(productId)).stock, 5)
    })
  }
})

describe("a host that has begun no transaction", () => {
  const url = useDatabase()
  const opened = useCommerce(url)

  it("is told by the types that a pool holds none", () => {
    expectTypeOf<pg.PoolClient>().toExtend<PgTransaction>()
    expectTypeOf<pg.Pool>().not.toExtend<PgTransaction>()
    expectTypeOf<postgres.TransactionSql>().toExtend<PostgresJsTransaction>()
    expectTypeOf<postgres.Sql>().not.toExtend<PostgresJsTransaction>()
    expectTypeOf<Prisma.TransactionClient>().toExtend<PrismaTransaction>()
    expectTypeOf<PrismaClient>().not.toExtend<PrismaTransaction>()
  })

  it("is refused before anything is written", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    const client = new pg.Client({ connectionString: url() })
    await client.connect()
    const executor: Executor = async (text, values) =>
      (await client.query({ text, values: [...values] })).rows
    const place = opened().within(executor, ({ orders }) => orders.place(orderOf(productId)))
    assert.match(String(await reasonOf(place)), /SAVEPOINT can only be used in transaction blocks/)
    assert.strictEqual((await opened().catalog.product(productId)).stock, 5)
    await client.end()
  })
})
