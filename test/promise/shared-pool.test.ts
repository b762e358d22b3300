import { inspect } from "node:util"
import pg from "pg"
import type postgres from "postgres"
import { afterAll, assert, beforeAll, describe, expectTypeOf, it, vi } from "vitest"
import {
  type Commerce,
  type CommerceSettings,
  createCommerce,
  isCommerceError,
  type PgPool,
  type PostgresJsClient
} from "../../src/promise/index.ts"
import { sharedPools } from "../support/sharedPools.ts"
import { newProduct, orderOf, reasonOf, useDatabase, whileHeld } from "./support.ts"

const settings = {
  auth: { jwtSecret: "a secret of thirty-two bytes or more", bcryptCost: 4 },
  payments: { gateway: "simulated" },
  maintenance: { every: "1 hour" },
  logger: {}
} as const

const tagOf = async (promise: Promise<unknown>) => Object(await reasonOf(promise))._tag

describe.each(sharedPools)("a shop on $name", ({ open }) => {
  const url = useDatabase()
  let watch: pg.Client
  beforeAll(async () => {
    watch = new pg.Client({ connectionString: url() })
    await watch.connect()
  })
  afterAll(() => watch.end())

  const opened = async (max?: number) => {
    const host = open(url(), max)
    const commerce = await createCommerce({ ...settings, database: { pool: host.pool } })
    return { host, commerce, close: () => commerce.close().finally(host.end) }
  }

  it("sells, pays and ships, and leaves the pool open when it is closed", async () => {
    const { commerce, host } = await opened()
    const { id: productId } = await newProduct(commerce, 5)
    const placed = await commerce.orders.place({
      ...orderOf(productId, 2),
      metadata: { snake_case: 'a"\\{}' }
    })
    assert.deepStrictEqual(await commerce.orders.get(placed.id), placed)
    assert.instanceOf(placed.createdAt, Date)
    await commerce.payments.pay({ orderId: placed.id, paymentMethod: "sim_approve" })
    assert.strictEqual((await commerce.orders.ship(placed.id)).status, "SHIPPED")
    assert.strictEqual(await tagOf(commerce.orders.place(orderOf(productId, 4))), "InsufficientStock")
    assert.isTrue((await commerce.verify()).ok)
    await commerce.close()
    assert.strictEqual(String(await host.ask("SELECT 7")), "7")
    await host.end()
  })

  it("changes no setting of the sessions of the host", async () => {
    const { commerce, close, host } = await opened(1)
    const read = async () => {
      const found: Array<unknown> = []
      for (const name of [
        "lock_timeout",
        "statement_timeout",
        "idle_in_transaction_session_timeout",
        "default_transaction_isolation",
        "application_name",
        "TimeZone"
      ]) {
        found.push(await host.ask(`SELECT current_setting('${name}')`))
      }
      return found
    }
    await host.ask("SET lock_timeout = '1234ms'")
    const before = await read()
    const { id: productId } = await newProduct(commerce, 5)
    await commerce.orders.place(orderOf(productId), { idempotencyKey: "key" })
    await tagOf(commerce.orders.place(orderOf(crypto.randomUUID())))
    assert.deepStrictEqual(await read(), before)
    assert.include(String(before[0]), "1234ms")
    await close()
  })

  it("works with one connection for all, with many calls at once", async () => {
    const { commerce, close } = await opened(1)
    const { id: productId } = await newProduct(commerce, 20)
    const places = Array.from({ length: 40 }, (_, n) =>
      commerce.orders.place(orderOf(productId), n % 2 === 0 ? {} : { idempotencyKey: String(n) })
    )
    const reads = Array.from({ length: 20 }, () => commerce.catalog.product(productId))
    const placed = await Promise.allSettled(places)
    await Promise.all(reads)
    assert.lengthOf(
      placed.filter(({ status }) => status === "fulfilled"),
      20
    )
    assert.strictEqual((await commerce.catalog.product(productId)).stock, 0)
    assert.isTrue((await commerce.verify()).ok)
    await close()
  })

  it("waits for no row without end, and can abort a call that waits", async () => {
    const { commerce, close } = await opened(2)
    const { id: productId } = await newProduct(commerce, 5)
    const { id: held } = await newProduct(commerce, 5)
    const leaving = new AbortController()
    await whileHeld(url(), ["products", held], async (somebodyWaits) => {
      const waiting = reasonOf(commerce.orders.place(orderOf(held), { signal: leaving.signal }))
      await somebodyWaits()
      leaving.abort("left")
      assert.strictEqual(await waiting, "left")
      await commerce.orders.place(orderOf(productId))
    })
    assert.strictEqual((await commerce.catalog.product(productId)).stock, 4)
    await close()
  })

  it("fails with StoreUnavailable while the host holds all connections, and goes on afterwards", async () => {
    const { commerce, close, host } = await opened(1)
    const { id: productId } = await newProduct(commerce, 5)
    const holding = host.ask("SELECT pg_sleep(6)")
    const reason = await reasonOf(commerce.orders.place(orderOf(productId), { idempotencyKey: "key" }))
    assert.propertyVal(reason, "_tag", "StoreUnavailable")
    assert.propertyVal(reason, "outcome", "notApplied")
    await holding
    await commerce.orders.place(orderOf(productId), { idempotencyKey: "key" })
    assert.strictEqual((await commerce.catalog.product(productId)).stock, 4)
    await close()
  })

  it("outlives connections that the server ends, in the middle of its work", async () => {
    const { commerce, close } = await opened(4)
    const { id: productId } = await newProduct(commerce, 1_000_000)
    let isOver = false
    let isSold = false
    const kills = (async () => {
      for (let n = 0; n < 10 || (!isSold && n < 200); n++) {
        await watch.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
      isOver = true
    })()
    const answers: Array<unknown> = []
    const sell = async (n: number) => {
      for (let m = 0; !isOver; m++) {
        const key = m % 2 === 0 ? {} : { idempotencyKey: `${n}-${m}` }
        const answer = await commerce.orders.place(orderOf(productId), key).catch((error: unknown) => error)
        isSold ||= Object(answer).status === "CREATED"
        answers.push(answer)
      }
    }
    await Promise.all([kills, ...Array.from({ length: 6 }, (_, n) => sell(n))])
    const others = answers.filter((answer) => {
      const { _tag, status } = Object(answer)
      return _tag !== "StoreUnavailable" && status !== "CREATED"
    })
    assert.deepStrictEqual(others, [])
    assert.isTrue(answers.some((answer) => Object(answer).status === "CREATED"))
    await commerce.orders.place(orderOf(productId))
    assert.isTrue((await commerce.verify()).ok)
    await close()
  })

  it("gives each connection back whose write a read-only database refuses, and sells once it is writable", async () => {
    const { commerce, close } = await opened(2)
    const { id: productId } = await newProduct(commerce, 5)
    const restart = async (statement: string) => {
      const { rows } = await watch.query("SELECT quote_ident(current_database()) AS name")
      await watch.query(`ALTER DATABASE ${rows[0].name} ${statement}`)
      await watch.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
      )
      await vi.waitFor(() => commerce.catalog.product(productId), 20_000)
    }
    await restart("SET default_transaction_read_only = on")
    for (let n = 0; n < 5; n++) {
      const reason = await reasonOf(commerce.orders.place(orderOf(productId)))
      assert.propertyVal(reason, "_tag", "StoreUnavailable")
      assert.match(inspect(reason, { depth: 9 }), /25006/)
    }
    const open = await watch.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )
    assert.strictEqual(open.rowCount, 0)
    await restart("RESET default_transaction_read_only")
    await commerce.orders.place(orderOf(productId))
    assert.strictEqual((await commerce.catalog.product(productId)).stock, 4)
    await close()
  })

  it("runs beforeCommit, which is told why a statement fails that cannot be sent", async () => {
    const host = open(url())
    const seen: Array<unknown> = []
    const commerce = await createCommerce({
      ...settings,
      database: { pool: host.pool },
      beforeCommit: async (_, { query }) => {
        seen.push(await query("SELECT $1::text AS nothing", [null]))
        seen.push(await reasonOf(query("SELECT $1::text", [{ toString: null } as never])))
      }
    })
    const { id: productId } = await newProduct(commerce, 5)
    await commerce.orders.place(orderOf(productId))
    assert.deepStrictEqual(seen[0], [{ nothing: null }])
    assert.instanceOf(seen[1], TypeError)
    await commerce.close()
    await host.end()
  })

  it("fails with StoreUnavailable once the host has closed its pool", async () => {
    const { commerce, host } = await opened()
    const { id: productId } = await newProduct(commerce, 5)
    await host.end()
    for (const call of [
      () => commerce.catalog.product(productId),
      () => commerce.orders.place(orderOf(productId)),
      () => commerce.orders.place(orderOf(productId), { idempotencyKey: "key" })
    ]) {
      const reason = await reasonOf(call())
      assert.isTrue(isCommerceError(reason))
      assert.propertyVal(reason, "_tag", "StoreUnavailable")
      assert.propertyVal(reason, "outcome", "notApplied")
    }
    await commerce.close()
  })

  it("says what PostgreSQL or the network says if it cannot be opened", async () => {
    const unknown = Object.assign(new URL(url()), { pathname: "/no_such_database" })
    const nowhere = Object.assign(new URL(url()), { port: "1" })
    for (const [at, tag, says] of [
      [unknown, "DatabaseRefused", /no_such_database/],
      [nowhere, "StoreUnavailable", /ECONNREFUSED/]
    ] as const) {
      const host = open(at.href)
      const reason = await reasonOf(createCommerce({ ...settings, database: { pool: host.pool } }))
      assert.propertyVal(reason, "_tag", tag)
      assert.match(String(Object(reason).message), says)
      await host.end()
    }
  })
})

describe("a pool of the host", () => {
  it("is one of the two libraries, as the types and the settings say", async () => {
    expectTypeOf<pg.Pool>().toExtend<PgPool>()
    expectTypeOf<pg.Client>().not.toExtend<PgPool>()
    expectTypeOf<postgres.Sql>().toExtend<PostgresJsClient>()
    expectTypeOf<postgres.TransactionSql>().not.toExtend<PostgresJsClient>()
    for (const pool of [new pg.Client(), {}, 10]) {
      const given = { ...settings, database: { pool } } as unknown as CommerceSettings
      const reason = await reasonOf(createCommerce(given))
      assert.propertyVal(reason, "_tag", "InvalidInput")
      assert.match(JSON.stringify(reason), /a Pool of pg, or a client of postgres\.js/)
    }
  })

  it("needs a secret, as a server does", async () => {
    const { auth, ...rest } = settings
    const pool = new pg.Pool()
    const reason = await reasonOf(createCommerce({ ...rest, database: { pool } }) as Promise<Commerce>)
    assert.match(JSON.stringify(reason), /\/auth\/jwtSecret/)
    await pool.end()
  })
})
