import { Effect, Layer, Redacted } from "effect"
import { describe, expect, test, vi } from "vitest"
import { layer, layerClient } from "../../src/adapters/postgres/index.ts"
import { freshDatabase } from "../support/postgres.ts"
import { type Cable, layCable } from "./support/Cable.ts"
import { expectProblem, ok } from "./support/Expect.ts"
import { books, items, newProduct } from "./support/Given.ts"
import { open } from "./support/Shop.ts"

describe("PostgreSQL goes away and comes back", () => {
  let cable: Cable

  /** The database, over a cable that ends with it. */
  const wired = Effect.gen(function* () {
    const url = new URL(Redacted.value(yield* freshDatabase))
    cable = yield* Effect.acquireRelease(
      Effect.promise(() => layCable(url.hostname, Number(url.port))),
      (cable) => Effect.promise(cable.cut)
    )
    url.port = `${cable.port}`
    return layerClient({ url: Redacted.make(url.href), pool: 3, connectTimeout: "1 second" })
  })
  const shop = open({ stores: Layer.provide(layer(), Layer.unwrap(wired)) })

  const ready = () =>
    vi.waitFor(() => ok(shop.nobody.get("/health/ready")), { timeout: 15_000, interval: 100 })

  test("while it is away, what needs it is a 503 and what does not is answered", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const before = await books(shop, customer, mug)
    await cable.cut()
    for (const ask of [
      () => shop.nobody.get("/health/ready"),
      () => shop.nobody.get("/products"),
      () => customer.get("/auth/me"),
      () => customer.post("/orders", items([mug, 1])),
      () => shop.nobody.post("/auth/login", customer),
      () => shop.admin.get("/analytics/summary")
    ]) {
      expectProblem(await ask(), 503, "unavailable")
    }
    await ok(shop.nobody.get("/health/live"))
    expect(shop.logs().join()).toContain("ECONNREFUSED")
    await cable.mend()
    await ready()
    expect(await books(shop, customer, mug)).toEqual(before)
  })

  test("connections that break are replaced, whatever ran over them", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop, { stock: 1000 })
    const answers: Array<number> = []
    const buy = async () => {
      for (let n = 0; n < 20; n++) answers.push((await customer.post("/orders", items([mug, 1]))).status)
    }
    const buying = Promise.all([buy(), buy(), buy()])
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(10))
    cable.shake()
    await buying
    await ready()
    expect(new Set([...answers, 201, 503])).toEqual(new Set([201, 503]))
    const { products, orders } = await books(shop, customer, mug)
    expect(orders.length).toBeGreaterThanOrEqual(answers.filter((status) => status === 201).length)
    expect(products[0]?.stock).toBe(1000 - orders.length)
  })
})
