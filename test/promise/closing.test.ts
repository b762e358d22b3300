import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { assert, describe, it } from "vitest"
import { CommerceClosed, createCommerce } from "../../src/promise/index.ts"
import { newProduct, orderOf, readAll, reasonOf, useDatabase } from "./support.ts"

const settings = { auth: { jwtSecret: "a secret of thirty-two bytes or more", bcryptCost: 4 } }

describe("closing a commerce", () => {
  const url = useDatabase()
  const open = () => createCommerce({ ...settings, database: { url: url(), pool: 3 } })

  const connections = async () => {
    const client = new pg.Client({ connectionString: url() })
    await client.connect()
    const { rows } = await client.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'effect-commerce'"
    )
    await client.end()
    return rows[0].n
  }

  it("answers what was accepted, and releases its connections", async () => {
    const commerce = await open()
    const { id } = await newProduct(commerce, 20)
    const orders = Array.from({ length: 10 }, () => commerce.orders.place(orderOf(id)))
    const page = commerce.handler(new Request("http://shop.example/products"))
    const closed = commerce.close()
    assert.lengthOf(await Promise.all(orders), 10)
    assert.strictEqual((await page).status, 200)
    await closed
    assert.strictEqual(await connections(), 0)
  })

  it("waits for a payment that its gateway has not answered yet", async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    const { promise: answer, resolve: approve } = Promise.withResolvers<"APPROVED">()
    const gateway = {
      accepts: () => true,
      charge: () => {
        ask()
        return answer
      }
    }
    const commerce = await createCommerce({ ...settings, payments: { gateway }, database: { url: url() } })
    const { id: productId } = await newProduct(commerce, 1)
    const { id: orderId } = await commerce.orders.place(orderOf(productId))
    const paying = commerce.payments.pay({ orderId, paymentMethod: "card" })
    await asked
    const closed = commerce.close()
    approve("APPROVED")
    assert.strictEqual((await paying).status, "APPROVED")
    await closed
  })

  it("refuses what comes later, and may be asked for twice", async () => {
    const commerce = await open()
    await Promise.all([commerce.close(), commerce.close()])
    await commerce.close()
    const reasons = await Promise.all([
      reasonOf(commerce.orders.list()),
      reasonOf(commerce.verify()),
      reasonOf(
        commerce.within(
          async () => [],
          async () => "never"
        )
      ),
      reasonOf(readAll(commerce.orders.follow()))
    ])
    for (const reason of reasons) assert.instanceOf(reason, CommerceClosed)
    const response = await commerce.handler(new Request("http://shop.example/products"))
    assert.strictEqual(response.status, 503)
    assert.strictEqual(response.headers.get("content-type"), "application/problem+json")
    assert.isNotNull(response.headers.get("retry-after"))
    assert.strictEqual((await response.json()).code, "unavailable")
  })

  it("ends who follows the feed", async () => {
    const commerce = await open()
    const following = readAll(commerce.orders.follow({ every: 60_000 }))
    await commerce.orders.list()
    await commerce.close()
    assert.isArray(await following)
  })

  it("answers a request that waits for events of the feed", {
    // Less than the 25 seconds after which it would be answered anyway.
    timeout: 20_000
  }, async () => {
    for (const database of [{ url: url() }, { memory: true }] as const) {
      const commerce = await createCommerce({
        ...settings,
        auth: { ...settings.auth, authenticate: async () => ({ id: "boss", role: "admin" }) },
        database
      })
      const request = new Request("http://shop.example/feed?after=latest&wait=25")
      const waiting = commerce.handler(request)
      await commerce.handler(new Request("http://shop.example/products"))
      const closed = commerce.close()
      const response = await waiting
      const { items } = await response.json()
      assert.deepStrictEqual([response.status, items], [200, []])
      await closed
    }
  })

  it("ends a request that waits for events when its client goes", async () => {
    const commerce = await createCommerce({
      ...settings,
      auth: { ...settings.auth, authenticate: async () => ({ id: "boss", role: "admin" }) },
      database: { memory: true }
    })
    const leaving = new AbortController()
    const { signal } = leaving
    const waiting = commerce.handler(new Request("http://shop.example/feed?wait=25", { signal }))
    await commerce.handler(new Request("http://shop.example/products"))
    leaving.abort()
    assert.strictEqual((await waiting).status, 499)
    await commerce.close()
  })

  it("gives the directory of an embedded database back, with the data and the secret in it", async () => {
    const directory = await mkdtemp(join(tmpdir(), "effect-commerce-promise-"))
    try {
      const database = { embedded: directory }
      const first = await createCommerce({ database, auth: { bcryptCost: 4 } })
      const person = { email: "a@example.com", password: "a long password" }
      await first.accounts.register(person)
      const { accessToken } = await first.accounts.login(person)
      const refusal = await reasonOf(createCommerce({ database, auth: { bcryptCost: 4 } }))
      assert.propertyVal(refusal, "_tag", "DataDirectoryInUse")
      await first.close()
      const second = await createCommerce({ database, auth: { bcryptCost: 4 } })
      const { id } = await second.accounts.authenticate(accessToken)
      assert.strictEqual((await second.accounts.get(id)).email, person.email)
      await second.close()
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
