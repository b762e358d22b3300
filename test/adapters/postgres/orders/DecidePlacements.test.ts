import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Result } from "effect"
import { decidePlacements } from "../../../../src/adapters/postgres/orders/DecidePlacements.ts"
import type { Product } from "../../../../src/domain/catalog/Product.ts"
import { vouchersOnly } from "../../../../src/domain/pricing/Pricing.ts"
import type { IdempotencyClaim } from "../../../../src/domain/shared/Idempotency.ts"
import { CategoryId, CustomerId, OrderId, ProductId } from "../../../../src/domain/shared/Ids.ts"
import type { Placement } from "../../../../src/ports/OrderStore.ts"
import { int } from "../../../../src/testing/Generators.ts"

const at = new Date("2026-01-01T00:00:00Z")
const uuid = () => crypto.randomUUID()

const product = (stock: number): Product => ({
  id: ProductId.make(uuid()),
  categoryId: CategoryId.make(uuid()),
  name: "Espresso beans",
  description: null,
  sku: null,
  price: { amount: 1850, currency: "EUR" },
  stock,
  active: true,
  createdAt: at,
  updatedAt: at
})

const placement = (productId: ProductId, quantity: number, idempotency?: IdempotencyClaim): Placement => ({
  draft: { customerId: CustomerId.make(uuid()), items: [{ productId, quantity }] },
  price: vouchersOnly,
  id: OrderId.make(uuid()),
  at,
  actor: "a test",
  idempotency
})

const idempotency = (fingerprint: string): IdempotencyClaim => ({
  scope: "ada",
  operation: "place order",
  key: "cart-1",
  fingerprint
})

const unknown = () => undefined

describe("a batch", () => {
  it.prop(
    "decides each placement against what the ones before it have left, and takes what it gives away [S7]",
    { stock: int(0, 50), wanted: int(1, 9), callers: int(1, 20) },
    ({ stock, wanted, callers }) => {
      const beans = product(stock)
      const placements = Array.from({ length: callers }, () => placement(beans.id, wanted))
      const { decided, placed, unitsTaken } = decidePlacements(
        placements,
        new Map([[beans.id, beans]]),
        unknown
      )
      const fitting = Math.min(callers, Math.floor(stock / wanted))
      deepStrictEqual(
        decided.map(Result.isSuccess),
        placements.map((_, n) => n < fitting)
      )
      strictEqual(placed.length, fitting)
      strictEqual(unitsTaken.get(beans.id) ?? 0, fitting * wanted)
    }
  )

  it("lets a smaller order have what a larger one could not", () => {
    const beans = product(5)
    const placements = [placement(beans.id, 4), placement(beans.id, 2), placement(beans.id, 1)]
    const { decided } = decidePlacements(placements, new Map([[beans.id, beans]]), unknown)
    deepStrictEqual(decided.map(Result.isSuccess), [true, false, true])
  })

  it("answers the second of one key with the order of the first, and refuses another request", () => {
    const beans = product(5)
    const [first, second, third] = [
      placement(beans.id, 1, idempotency("one")),
      placement(beans.id, 1, idempotency("one")),
      placement(beans.id, 2, idempotency("two"))
    ]
    const { decided, placed, fulfilled, released } = decidePlacements(
      [first, second, third],
      new Map([[beans.id, beans]]),
      unknown
    )
    const [a, b, c] = decided
    assertTrue(a !== undefined && Result.isSuccess(a) && !a.success.replayed)
    assertTrue(b !== undefined && Result.isSuccess(b) && b.success.replayed)
    strictEqual(b.success.value.id, a.success.value.id)
    assertTrue(c !== undefined && Result.isFailure(c) && c.failure._tag === "IdempotencyKeyReused")
    deepStrictEqual([placed.length, fulfilled.length, released.length], [1, 1, 0])
  })

  it("releases a key that came to nothing, and leaves it to the next that uses it", () => {
    const beans = product(1)
    const tooMany = placement(beans.id, 2, idempotency("two"))
    const alone = decidePlacements([tooMany], new Map([[beans.id, beans]]), unknown)
    deepStrictEqual([alone.fulfilled.length, alone.released.length], [0, 1])
    const both = decidePlacements(
      [tooMany, placement(beans.id, 1, idempotency("one"))],
      new Map([[beans.id, beans]]),
      unknown
    )
    deepStrictEqual([both.fulfilled.length, both.released.length], [1, 0])
    strictEqual(both.fulfilled[0]?.idempotency.fingerprint, "one")
  })
})
