import { afterEach, assert, describe, it, vi } from "vitest"
import { CommerceClosed, createCommerce } from "../../src/promise/index.ts"
import { newProduct, orderOf, reasonOf, useDatabase } from "./support.ts"

const settings = { auth: { jwtSecret: "a secret of thirty-two bytes or more", bcryptCost: 4 } }

describe("a commerce whose host fakes timers in a test", () => {
  const url = useDatabase()
  const open = (clock?: () => Date) =>
    createCommerce({ ...settings, clock, database: { url: url(), pool: 3 } })
  afterEach(() => {
    vi.useRealTimers()
  })

  it("goes on while they are faked and afterwards, and closes", async () => {
    const commerce = await open()
    const { id } = await newProduct(commerce, 20)
    vi.useFakeTimers()
    const placed = await Promise.all([1, 2, 3].map(() => commerce.orders.place(orderOf(id))))
    const response = await commerce.handler(new Request("http://shop.example/products"))
    assert.strictEqual(response.status, 200)
    vi.useRealTimers()
    placed.push(await commerce.orders.place(orderOf(id)))
    assert.strictEqual(new Set(placed.map((order) => order.id)).size, 4)
    await commerce.close()
  })

  it("opens and closes while they are faked", async () => {
    vi.useFakeTimers()
    const commerce = await open()
    const { id } = await newProduct(commerce, 1)
    await commerce.orders.place(orderOf(id))
    await commerce.close()
    assert.instanceOf(await reasonOf(commerce.orders.get(id)), CommerceClosed)
  })

  it("has the faked date, or the host's clock", async () => {
    const frozen = new Date("2031-02-03T04:05:06.789Z")
    const [plain, clocked] = [await open(), await open(() => frozen)]
    vi.useFakeTimers({ now: new Date("2030-01-01T00:00:00Z") })
    const { id, createdAt } = await newProduct(plain, 2)
    assert.strictEqual(createdAt.getTime(), Date.parse("2030-01-01T00:00:00Z"))
    const order = await clocked.orders.place(orderOf(id))
    assert.deepStrictEqual(order.createdAt, frozen)
    vi.useRealTimers()
    await Promise.all([plain.close(), clocked.close()])
  })
})
