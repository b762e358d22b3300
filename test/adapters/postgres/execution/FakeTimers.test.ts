import { Effect, Exit, Scope } from "effect"
import { afterAll, afterEach, assert, describe, it, vi } from "vitest"
import { freshDatabase } from "../../../support/postgres.ts"
import { openShop } from "../../../support/TestShop.ts"

const realTimeout = setTimeout

describe("a shop whose host uses Effect and fakes timers in a test", () => {
  const scope = Scope.makeUnsafe()
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  afterEach(() => {
    vi.useRealTimers()
  })

  it("places orders again once timers are real", async () => {
    const shop = await Effect.runPromise(
      Scope.provide(
        Effect.flatMap(freshDatabase, (url) => openShop(url, { pool: 3 })),
        scope
      )
    )
    const { id: productId } = await Effect.runPromise(
      Effect.flatMap(shop.catalog.createCategory({ name: "Mugs" }), ({ id }) =>
        shop.catalog.createProduct({
          categoryId: id,
          name: "Mug",
          price: { amount: 1, currency: "EUR" },
          stock: 9
        })
      )
    )
    const place = () =>
      Effect.runPromise(shop.orders.place({ customerId: "ada", items: [{ productId, quantity: 1 }] }))
    await place()
    vi.useFakeTimers()
    const started = [place(), place()]
    await new Promise((resolve) => realTimeout(resolve, 1000))
    vi.useRealTimers()
    const placed = [await place(), ...(await Promise.all(started))]
    assert.strictEqual(new Set(placed.map(({ id }) => id)).size, 3)
  })
})
