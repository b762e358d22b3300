import { assert, describe, it } from "vitest"
import { createCommerce, isCommerceError } from "../../src/promise/index.ts"
import { run } from "../examples/support.ts"
import { newProduct, orderOf, reasonOf, useMemory } from "./support.ts"

const database = { memory: true } as const

const firstEvents = async (feed: AsyncIterable<{ readonly event: string }>, count: number) => {
  const events: Array<string> = []
  for await (const { event } of feed) {
    events.push(event)
    if (events.length === count) break
  }
  return events
}

describe("a commerce in memory", () => {
  const opened = useMemory()

  it("keeps nothing after it is closed, and shares nothing with another one", async () => {
    const [first, second] = [await createCommerce({ database }), await createCommerce({ database })]
    const { id } = await newProduct(first, 1)
    assert.propertyVal(await reasonOf(second.catalog.product(id)), "_tag", "ProductNotFound")
    await first.close()
    assert.propertyVal(await reasonOf(first.catalog.product(id)), "_tag", "CommerceClosed")
    const third = await createCommerce({ database })
    assert.lengthOf((await third.catalog.products()).items, 0)
    await Promise.all([second.close(), third.close()])
  })

  it("renames categories, lists inactive products with their images, and knows where the feed ends", async () => {
    const commerce = await createCommerce({ database })
    assert.isNull(await commerce.orders.latestPosition())
    const images = [{ url: "https://cdn.example/mug.jpg", alt: "A mug" }]
    const mug = await newProduct(commerce, 1)
    const order = await commerce.orders.place(orderOf(mug.id))
    const after = (await commerce.orders.latestPosition()) ?? undefined
    await commerce.orders.expire(order.id)
    const later = await commerce.orders.feed({ after })
    assert.deepStrictEqual(
      later.map(({ event, position }) => [event, position]),
      [["expired", await commerce.orders.latestPosition()]]
    )

    const { categoryId } = mug
    const renamed = await commerce.catalog.renameCategory({ categoryId, name: "Clay" }, { actor: "boss" })
    assert.deepStrictEqual((await commerce.catalog.categories()).items, [renamed])
    const hidden = await commerce.catalog.changeProduct({ productId: mug.id, active: false, images })
    assert.deepStrictEqual(hidden.images, images)
    for (const active of [false, "any"] as const) {
      assert.deepStrictEqual((await commerce.catalog.products({ active })).items, [hidden])
    }
    assert.lengthOf((await commerce.catalog.products()).items, 0)
    await commerce.close()
  })

  it("has no transaction that a host could hold, and says so", async () => {
    let calls = 0
    const reason = await reasonOf(
      opened().within(
        async () => {
          calls += 1
          return []
        },
        async () => {
          calls += 1
        }
      )
    )
    assert.isTrue(isCommerceError(reason))
    assert.propertyVal(reason, "_tag", "NoTransactions")
    assert.match(Object(reason).message, /within.*PostgreSQL/)
    assert.strictEqual(calls, 0)
  })

  it("logs in, with a secret of its own each", async () => {
    const person = { email: "ada@example.com", password: "a long password" }
    const settings = { database, auth: { bcryptCost: 4 } }
    const [mine, other] = [await createCommerce(settings), await createCommerce(settings)]
    const { id } = await mine.accounts.register(person)
    const { accessToken } = await mine.accounts.login(person)
    assert.strictEqual((await mine.accounts.authenticate(accessToken)).id, id)
    assert.propertyVal(await reasonOf(other.accounts.authenticate(accessToken)), "_tag", "Unauthenticated")
    await Promise.all([mine.close(), other.close()])
  })

  it("follows its own feed, and finds nothing wrong with itself", async () => {
    const commerce = await createCommerce({ database, payments: { gateway: "simulated" } })
    const { id } = await newProduct(commerce, 5)
    const follower = firstEvents(commerce.orders.follow({ every: 10 }), 2)
    const order = await commerce.orders.place(orderOf(id, 2))
    await commerce.payments.pay({ orderId: order.id, paymentMethod: "sim_approve" })
    assert.deepStrictEqual(await commerce.verify(), { ok: true, violations: [] })
    assert.deepStrictEqual(await follower, ["placed", "paid"])
    await commerce.close()
  })

  it("takes the time of the host", async () => {
    const time = new Date("2031-02-03T04:05:06.789Z")
    const commerce = await createCommerce({ database, clock: () => time })
    assert.deepStrictEqual((await newProduct(commerce, 1)).createdAt, time)
    await commerce.close()
  })

  it("loads neither PGlite nor bcrypt nor a driver of PostgreSQL", async () => {
    const program = ["--conditions=effect-commerce-source", "test/fixtures/memory-store.ts"]
    const loaded: ReadonlyArray<string> = JSON.parse(await run(process.execPath, program))
    assert.isTrue(loaded.some((url) => url.endsWith("/adapters/memory/index.ts")))
    assert.deepStrictEqual(
      loaded.filter((url) => /node_modules\/(@electric-sql|bcrypt|pg|postgres)\//.test(url)),
      []
    )
  })
})
