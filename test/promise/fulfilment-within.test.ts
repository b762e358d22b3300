import pg from "pg"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type CommerceApi, defineStages } from "../../src/promise/index.ts"
import { type Host, hosts } from "./hosts.ts"
import { newProduct, orderOf, reasonOf, useCommerce, useDatabase, whileHeld } from "./support.ts"

class HostGivesUp extends Error {}

const stages = defineStages({ PAID: { first: "new", moves: { new: ["packed"], packed: [] } } })

const paidOrder = async ({ orders, payments }: CommerceApi, productId: string) => {
  const { id } = await orders.place(orderOf(productId, 5))
  await payments.pay({ orderId: id, paymentMethod: "sim_approve" })
  return id
}

describe.each(hosts)("parts of an order in a transaction of a host on $name", ({ open }) => {
  const url = useDatabase()
  const opened = useCommerce(url, { stages })
  let host: Host
  let watch: pg.Client

  beforeAll(async () => {
    host = open(url())
    watch = new pg.Client({ connectionString: url() })
    await watch.connect()
  })
  afterAll(async () => {
    await host.end()
    await watch.end()
  })

  const allRows = async () => {
    const tables = ["orders", "order_events", "products", "idempotency_keys"]
    const contents: Array<unknown> = []
    for (const table of tables) {
      contents.push((await watch.query(`SELECT t::text FROM commerce.${table} t ORDER BY 1`)).rows)
    }
    return contents
  }

  it("are rolled back with it, with their keys, and refusals leave it usable", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    const id = await paidOrder(opened(), productId)
    const items = [{ productId, quantity: 2 }]
    const before = await allRows()
    const work = host.transaction((executor) =>
      opened().within(executor, async ({ orders }) => {
        assert.strictEqual((await orders.move(id, "packed", { idempotencyKey: "move" })).stage, "packed")
        assert.deepInclude(await reasonOf(orders.move(id, "lost")), { _tag: "IllegalStage" })
        await orders.ship(id, { items, idempotencyKey: "ship" })
        assert.deepInclude(await reasonOf(orders.ship(id, { items: [{ productId, quantity: 4 }] })), {
          _tag: "InsufficientUnits"
        })
        await orders.returnItems(id, { items, idempotencyKey: "return" })
        const rest = await orders.cancel(id, { idempotencyKey: "cancel" })
        assert.deepInclude(rest, { status: "SHIPPED", version: 6 })
        throw new HostGivesUp()
      })
    )
    assert.instanceOf(await reasonOf(work), HostGivesUp)
    assert.deepStrictEqual(await allRows(), before)
    const { orders } = opened()
    await orders.move(id, "packed", { idempotencyKey: "move" })
    await orders.ship(id, { items, idempotencyKey: "ship" })
    await orders.returnItems(id, { items, idempotencyKey: "return" })
    await orders.cancel(id, { idempotencyKey: "cancel" })
    assert.strictEqual((await opened().catalog.product(productId)).stock, 5)
    assert.deepStrictEqual(await opened().verify(), { ok: true, violations: [] })
  })
})

describe("parts of an order", () => {
  const url = useDatabase()
  const opened = useCommerce(url, { stages })

  it("move and are shipped while others hold the product", async () => {
    const { id: productId } = await newProduct(opened(), 5)
    const id = await paidOrder(opened(), productId)
    const shipped = await whileHeld(url(), ["products", productId], async () => {
      await opened().orders.move(id, "packed")
      return opened().orders.ship(id, { items: [{ productId, quantity: 5 }], carrier: "DHL" })
    })
    assert.strictEqual(shipped.status, "SHIPPED")
  })
})
