import type pg from "pg"
import { afterAll, assert, beforeAll, beforeEach, describe, it } from "vitest"
import {
  BeforeCommitFailed,
  type BeforeCommitFunction,
  type CommerceApi,
  createCommerce,
  fromPg,
  isCommerceError,
  type OrderChange,
  OrderRefused
} from "../../src/promise/index.ts"
import { poolOf } from "../support/poolOf.ts"
import { engines, newProduct, orderOf, reasonOf, useCommerce, useDatabase, useMemory } from "./support.ts"

const onSql = engines.filter(({ name }) => name !== "memory")

const refusal = ({ order }: OrderChange) => new OrderRefused({ orderId: order.id, reason: "Not today" })

/** A hook that each test sets. */
const script = () => {
  let current: BeforeCommitFunction = async () => {}
  const seen: Array<string> = []
  const hook: BeforeCommitFunction = (changes, transaction) => {
    seen.push(...changes.map(({ event }) => event.event))
    return current(changes, transaction)
  }
  return {
    hook,
    seen,
    set: (next: BeforeCommitFunction) => {
      current = next
    }
  }
}

const insert = "INSERT INTO public.host_rows (order_id, event) SELECT * FROM unnest($1::uuid[], $2::text[])"

const writesRows: BeforeCommitFunction = async (changes, { query }) => {
  await query(insert, [changes.map(({ order }) => order.id), changes.map(({ event }) => event.event)])
}

describe.each(onSql)("the function beforeCommit on $name", ({ open }) => {
  const { hook, seen, set } = script()
  const commerce = open({ beforeCommit: hook })

  /** Statements run through the hook of an order that is refused, or committed. */
  const inHook = async <Row extends object>(statement: string) => {
    let rows: ReadonlyArray<Row> = []
    set(async (_, { query }) => {
      rows = await query<Row>(statement)
    })
    await place()
    return rows
  }
  let productId = ""
  const place = () => commerce().orders.place(orderOf(productId))
  const rowsOf = (orderId: string) =>
    inHook<{ event: string }>(`SELECT event FROM public.host_rows WHERE order_id = '${orderId}'`)
  const listed = async () => (await commerce().orders.list({ limit: 100 })).items.length

  beforeAll(async () => {
    productId = (await newProduct(commerce(), 1000)).id
    await inHook("CREATE TABLE public.host_rows (order_id uuid, event text, PRIMARY KEY (order_id, event))")
  })
  beforeEach(() => {
    set(writesRows)
    seen.length = 0
  })

  it("writes rows with each change of an order, and runs once for a replay [H5]", async () => {
    const { orders, payments } = commerce()
    const order = await orders.place(orderOf(productId), { idempotencyKey: "first" })
    await orders.place({ ...orderOf(productId), customerId: order.customerId }, { idempotencyKey: "first" })
    await payments.pay({ orderId: order.id, paymentMethod: "sim_approve" })
    await orders.ship(order.id)
    await orders.complete(order.id)
    const expected = ["placed", "paid", "shipped", "completed"]
    assert.deepStrictEqual(seen, expected)
    assert.deepStrictEqual((await rowsOf(order.id)).map(({ event }) => event).sort(), expected.toSorted())
  })

  it("refuses an order by what it returns or throws, and nothing of it is stored [H6]", async () => {
    const before = await listed()
    for (const refuse of [
      async ([change]: readonly [OrderChange, ...Array<OrderChange>]) => [refusal(change)],
      async ([change]: readonly [OrderChange, ...Array<OrderChange>]) => {
        throw refusal(change)
      }
    ]) {
      set(refuse)
      const error = await reasonOf(place())
      assert.isTrue(isCommerceError(error))
      assert.instanceOf(error, OrderRefused)
      assert.strictEqual(error.message, "Not today")
    }
    assert.strictEqual(await listed(), before)
  })

  it("fails with the error of the driver as cause, and nothing is stored [H7]", async () => {
    const before = await listed()
    set(async (changes, tools) => {
      await writesRows(changes, tools)
      await writesRows(changes, tools)
    })
    const error = await reasonOf(place())
    assert.instanceOf(error, BeforeCommitFailed)
    assert.isFalse(isCommerceError(error))
    assert.include(error.cause, { code: "23505" })
    assert.strictEqual(await listed(), before)
  })

  const faults: Record<string, BeforeCommitFunction> = {
    "goes on after a failed statement": async (_, { query }) => {
      await query("SELECT 1 / 0").catch(() => undefined)
    },
    "does not await a failing statement": async (_, { query }) => {
      void query("SELECT 1 / 0")
    },
    "ends the transaction": async (_, { query }) => {
      await query("ROLLBACK")
    },
    "returns something else": (async () => [{ rows: 1 }]) as never,
    "refuses an order that does not change": async () => [
      new OrderRefused({ orderId: crypto.randomUUID(), reason: "A stranger" })
    ],
    throws: async () => {
      throw new Error("A bug")
    }
  }
  it.each(Object.entries(faults))("that %s fails the call, and nothing is stored [H7]", async (_, fault) => {
    const before = await listed()
    set(fault)
    assert.instanceOf(await reasonOf(place()), BeforeCommitFailed)
    assert.strictEqual(await listed(), before)
  })

  it("may pass null, and no array that contains it", async () => {
    let reason: unknown
    set(async (_, { query }) => {
      assert.deepStrictEqual(await query("SELECT $1::text AS nothing", [null]), [{ nothing: null }])
      reason = await reasonOf(query("SELECT $1::text[]", [["a", null] as never]))
    })
    await place()
    assert.match(String(reason), /^TypeError: Expected an array without null/)
  })

  it("may not query once it has ended, and statements that it has not awaited are part of the transaction", async () => {
    let late = async (): Promise<unknown> => undefined
    set(async (changes, { query }) => {
      void writesRows(changes, { query, signal: new AbortController().signal })
      late = () => query("SELECT 1")
    })
    const { id } = await place()
    assert.match(String(await reasonOf(late())), /The transaction of this query has ended/)
    assert.deepStrictEqual(await rowsOf(id), [{ event: "placed" }])
  })

  it("answers over HTTP with 409, and 500 for a fault of the host [H6]", async () => {
    const { handler, accounts } = commerce()
    const login = { email: `${crypto.randomUUID()}@example.com`, password: "a long password" }
    await accounts.register(login)
    const { accessToken } = await accounts.login(login)
    const post = () =>
      handler(
        new Request("http://shop.test/orders", {
          method: "POST",
          headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
          body: JSON.stringify({ items: [{ productId, quantity: 1 }] })
        })
      )
    const placed = await post()
    assert.strictEqual(placed.status, 201)
    const { id }: { id: string } = await placed.json()
    assert.deepStrictEqual(await rowsOf(id), [{ event: "placed" }])
    set(async ([change]) => [refusal(change)])
    const refused = await post()
    assert.strictEqual(refused.status, 409)
    assert.include(await refused.json(), { code: "order-refused", reason: "Not today", detail: "Not today" })
    set(async () => {
      throw new Error("A secret of the host")
    })
    const failed = await post()
    assert.strictEqual(failed.status, 500)
    assert.notInclude(await failed.text(), "secret")
  })
})

describe("the function beforeCommit in a transaction of the host", () => {
  const { hook, set } = script()
  const url = useDatabase()
  const commerce = useCommerce(url, { beforeCommit: hook })
  let pool: pg.Pool
  let productId = ""
  beforeAll(async () => {
    pool = poolOf({ connectionString: url() })
    await pool.query(
      "CREATE TABLE public.host_rows (order_id uuid, event text, PRIMARY KEY (order_id, event))"
    )
    productId = (await newProduct(commerce(), 1000)).id
  })
  afterAll(() => pool.end())

  const within = async (end: "COMMIT" | "ROLLBACK", work: (inside: CommerceApi) => Promise<unknown>) => {
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      await commerce().within(fromPg(client), work)
      await client.query(end)
    } finally {
      client.release()
    }
  }
  const rows = async () => (await pool.query("SELECT order_id FROM public.host_rows")).rows

  it("joins it: its rows are committed and rolled back with the orders [H8]", async () => {
    set(writesRows)
    await within("ROLLBACK", ({ orders }) => orders.place(orderOf(productId)))
    assert.deepStrictEqual(await rows(), [])
    await within("COMMIT", ({ orders }) => orders.place(orderOf(productId)))
    assert.strictEqual((await rows()).length, 1)
  })

  it("gets the same refusal of an array that contains null, and the error that the executor throws", async () => {
    const reasons: Array<unknown> = []
    const client = await pool.connect()
    const broken = new Error("A bug of the executor")
    set(async (_, { query }) => {
      reasons.push(await reasonOf(query("SELECT $1::text[]", [["a", null] as never])))
      reasons.push(await reasonOf(query("SELECT 'broken'")))
    })
    await client.query("BEGIN")
    const executor = fromPg(client)
    await commerce().within(
      (statement, parameters) =>
        statement === "SELECT 'broken'" ? Promise.reject(broken) : executor(statement, parameters),
      ({ orders }) => orders.place(orderOf(productId))
    )
    await client.query("ROLLBACK")
    client.release()
    assert.match(String(reasons[0]), /^TypeError: Expected an array without null/)
    assert.strictEqual(reasons[1], broken)
  })

  it("leaves it usable after a refusal and after a fault [H8]", async () => {
    const before = (await rows()).length
    await within("COMMIT", async ({ orders }) => {
      set(async (changes, transaction) => {
        await writesRows(changes, transaction)
        return [refusal(changes[0])]
      })
      assert.instanceOf(await reasonOf(orders.place(orderOf(productId))), OrderRefused)
      set(async (_, { query }) => {
        await query("SELECT 1 / 0")
      })
      assert.instanceOf(await reasonOf(orders.place(orderOf(productId))), BeforeCommitFailed)
      set(async (_, { query }) => {
        await query("SELECT 1 / 0").catch(() => undefined)
      })
      assert.instanceOf(await reasonOf(orders.place(orderOf(productId))), Error)
      set(writesRows)
      await orders.place(orderOf(productId))
    })
    assert.strictEqual((await rows()).length, before + 1)
  })
})

describe("the function beforeCommit in memory", () => {
  const { hook, seen, set } = script()
  const commerce = useMemory({ beforeCommit: hook })

  it("gets each change and may refuse it; there is nothing that it could query [H5] [H6]", async () => {
    const { orders } = commerce()
    const { id: productId } = await newProduct(commerce(), 2)
    await orders.place(orderOf(productId))
    assert.deepStrictEqual(seen, ["placed"])
    set(async ([change]) => [refusal(change)])
    assert.instanceOf(await reasonOf(orders.place(orderOf(productId))), OrderRefused)
    set(writesRows)
    const error = await reasonOf(orders.place(orderOf(productId)))
    assert.instanceOf(error, BeforeCommitFailed)
    assert.include(error.cause, { _tag: "NoTransactions" })
    assert.strictEqual((await orders.list()).items.length, 1)
  })

  it("lets money move: payments, captures, refunds, voids, and what a recovery finds [H5]", async () => {
    const seen: Array<string> = []
    let [passed, refuses] = [0, false]
    const opened = await createCommerce({
      database: { memory: true },
      payments: { gateway: "simulated", capture: "later" },
      maintenance: { every: "1 hour" },
      clock: () => Date.now() + passed,
      beforeCommit: async (changes) => {
        if (refuses) return changes.map(refusal)
        seen.push(...changes.map(({ event }) => event.event))
        return []
      }
    })
    const { orders, payments } = opened
    const { id: productId } = await newProduct(opened, 10)
    const bought = async () => {
      const { id } = await orders.place(orderOf(productId))
      return () => payments.pay({ orderId: id, paymentMethod: "sim_approve" })
    }
    const operationsOf = async (orderId: string) =>
      (await payments.operations(orderId)).map(({ kind, status }) => `${kind} ${status}`)

    const captured = await (await bought())()
    const voided = await (await bought())()
    const pay = await bought()
    refuses = true
    const lost = await pay()
    refuses = false
    assert.deepStrictEqual(
      [captured.status, voided.status, lost.status],
      ["AUTHORIZED", "AUTHORIZED", "PENDING"]
    )
    assert.strictEqual((await payments.capture(captured.orderId)).status, "APPROVED")
    for (const { orderId } of [captured, voided]) await orders.cancel(orderId, { refund: true })
    assert.deepStrictEqual(await operationsOf(captured.orderId), ["capture APPROVED", "refund APPROVED"])
    assert.deepStrictEqual(await operationsOf(voided.orderId), ["void APPROVED"])
    passed = 60_000
    assert.deepStrictEqual(
      (await payments.recover()).map(({ id, status }) => [id, status]),
      [[lost.id, "AUTHORIZED"]]
    )
    const events = await orders.feed({ limit: 100 })
    assert.deepStrictEqual(
      seen,
      events.map(({ event }) => event)
    )
    await opened.close()
  })
})
