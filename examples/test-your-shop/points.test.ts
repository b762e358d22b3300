import assert from "node:assert/strict"
import { test } from "node:test"
import { Arbitrary, Effect, Layer } from "effect"
import { Orders, type Product } from "effect-commerce"
import * as Memory from "effect-commerce/memory"
import { CatalogStore } from "effect-commerce/ports"
import { Generators } from "effect-commerce/testing"
import { Points } from "./points.ts"

const Shop = Points.layer.pipe(Layer.provideMerge(Orders.layer), Layer.provideMerge(Memory.layer))

/** Puts a product on the shelf just as it was generated, in a category of its own. */
const stock = Effect.fnUntraced(function* (product: Product) {
  const { categoryId: id, id: name, createdAt } = product
  const store = yield* CatalogStore
  yield* store.addCategory({ id, name, createdAt }, undefined)
  yield* store.addProduct({ ...product, sku: null }, "a test", undefined)
})

/** Whether the points of the customers are the euros of the orders that they have. */
const holds = Effect.fnUntraced(function* (placings: ReadonlyArray<Generators.Placing>) {
  const [points, orders] = [yield* Points, yield* Orders]
  for (const { products, draft } of placings) {
    yield* Effect.forEach(products.values(), stock)
    yield* Effect.ignore(points.buy(draft))
  }
  const checks = yield* Effect.forEach(placings, ({ draft: { customerId } }) =>
    Effect.map(orders.list({ customerId }), ({ items }) => {
      const euros = items
        .filter(({ total }) => total.currency === "EUR")
        .map(({ total }) => Math.floor(total.amount / 100))
      return points.of(customerId) === euros.reduce((sum, euro) => sum + euro, 0)
    })
  )
  return checks.every((check) => check)
})

test("points are the euros of the orders that were placed, and none are given for a refusal", async () => {
  const placings = Arbitrary.array(Generators.placing, { maxLength: 3 })
  const result = await Effect.runPromise(
    Arbitrary.checkEffect(placings, (placings) => Effect.provide(holds(placings), Layer.fresh(Shop)))
  )
  assert.equal(Arbitrary.formatCheckFailure(result), undefined)
})
