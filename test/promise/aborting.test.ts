import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { newProduct, orderOf, reasonOf, useCommerce, useDatabase, whileHeld } from "./support.ts"

describe("a call with a signal", () => {
  const url = useDatabase()
  const opened = useCommerce(url)

  it("is not even begun if the signal was given before", async () => {
    const reason = new Error("changed my mind")
    const signal = AbortSignal.abort(reason)
    const { catalog, orders } = opened()
    const name = crypto.randomUUID()
    assert.strictEqual(await reasonOf(catalog.createCategory({ name }, { signal })), reason)
    assert.strictEqual(await reasonOf(orders.get("not even an id", { signal })), reason)
    assert.strictEqual((await catalog.createCategory({ name })).name, name)
  })

  it("rejects with the reason of the signal, and leaves nothing behind", async () => {
    const { catalog, orders } = opened()
    const product = await newProduct(opened(), 5)
    const { id } = await orders.place(orderOf(product.id))
    const controller = new AbortController()
    const reason = new Error("the customer has left")
    await whileHeld(url(), ["orders", id], async (somebodyWaits) => {
      const expiring = orders.expire(id, { actor: "a customer", signal: controller.signal })
      await somebodyWaits()
      controller.abort(reason)
      assert.strictEqual(await reasonOf(expiring), reason)
    })
    assert.strictEqual((await orders.get(id)).status, "CREATED")
    assert.strictEqual((await catalog.product(product.id)).stock, 4)
  })

  it("takes its order out of the queue of a product that somebody holds", async () => {
    const { catalog, orders } = opened()
    const { id } = await newProduct(opened(), 5)
    const { patient } = await whileHeld(url(), ["products", id], async (somebodyWaits) => {
      const patient = orders.place(orderOf(id))
      await somebodyWaits()
      // By then it waits for the product apart from all others, and whoever comes waits behind it.
      await sleep(1_000)
      const signal = AbortSignal.timeout(100)
      const reason = await reasonOf(orders.place(orderOf(id), { signal }))
      assert.propertyVal(reason, "name", "TimeoutError")
      return { patient }
    })
    assert.strictEqual((await patient).status, "CREATED")
    assert.strictEqual((await catalog.product(id)).stock, 4)
  })

  it("ends what follows the feed before the next event, and while it waits for one", async () => {
    const { id: productId } = await newProduct(opened(), 3)
    for (let n = 0; n < 3; n++) await opened().orders.place(orderOf(productId))
    // Transactions of other databases of the server hold the feed up.
    while ((await opened().orders.feed({})).length < 3)
      await new Promise((resolve) => setTimeout(resolve, 10))
    const stop = new AbortController()
    const seen: Array<string> = []
    const follow = async (signal: AbortSignal, visit: () => void) => {
      for await (const { position } of opened().orders.follow({ every: "1 hour" }, { signal })) {
        seen.push(position)
        visit()
      }
    }
    assert.strictEqual(await reasonOf(follow(stop.signal, () => stop.abort("seen one"))), "seen one")
    assert.strictEqual(seen.length, 1)

    const waiting = new AbortController()
    const following = reasonOf(follow(waiting.signal, () => undefined))
    while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 10))
    const since = performance.now()
    waiting.abort("waited")
    assert.strictEqual(await following, "waited")
    assert.isBelow(performance.now() - since, 60_000)
  })

  it("ends what follows the feed", async () => {
    const signal = AbortSignal.timeout(200)
    const follow = async () => {
      for await (const event of opened().orders.follow({ every: 20 }, { signal }))
        assert.isString(event.position)
    }
    assert.propertyVal(await reasonOf(follow()), "name", "TimeoutError")
  })
})
