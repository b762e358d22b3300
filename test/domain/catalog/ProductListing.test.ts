import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Schema } from "effect"
import type { Product } from "../../../src/domain/catalog/Product.ts"
import {
  compareKeys,
  descends,
  ProductKey,
  ProductQuery,
  ProductSort,
  productKey
} from "../../../src/domain/catalog/ProductListing.ts"
import { OrderQuery } from "../../../src/domain/orders/OrderListing.ts"
import { int, oneOf, pick, product, productWith, text } from "../../../src/testing/Generators.ts"
import { faultsIn } from "../support.ts"

// Few names and prices, so that ties are common.
const alike = productWith({
  name: oneOf([pick(["lamp", "Lamp", "🛒", "\uffff"]), text(3)]),
  price: Arbitrary.all({ amount: int(0, 3), currency: pick(["EUR", "USD"]) })
})
const sort = pick(ProductSort.literals)

describe("the keys of a listing", () => {
  it.prop("are in a total order", { a: alike, b: alike, c: alike, sort }, ({ a, b, c, sort }) => {
    const compare = (x: Product, y: Product) =>
      Math.sign(compareKeys(productKey(x, sort), productKey(y, sort)))
    strictEqual(compare(a, a), 0)
    strictEqual(compare(a, b), 0 - compare(b, a))
    strictEqual(compare(a, b) === 0, a.id === b.id)
    for (const [x, y, z] of [
      [a, b, c],
      [b, c, a],
      [c, a, b],
      [a, c, b],
      [c, b, a],
      [b, a, c]
    ] as const) {
      if (compare(x, y) <= 0 && compare(y, z) <= 0) assertTrue(compare(x, z) <= 0)
    }
  })

  it.prop(
    "put products into the order that was asked for",
    { products: Arbitrary.array(alike), sort },
    ({ products, sort }) => {
      const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
      const price = (a: Product, b: Product) =>
        bytes(a.price.currency, b.price.currency) || a.price.amount - b.price.amount || bytes(a.id, b.id)
      const expected = {
        newest: (a: Product, b: Product) => bytes(b.id, a.id),
        name: (a: Product, b: Product) => bytes(a.name, b.name) || bytes(a.id, b.id),
        price,
        "-price": (a: Product, b: Product) => price(b, a)
      }[sort]
      const direction = descends(sort) ? -1 : 1
      const sorted = products.toSorted(
        (a, b) => direction * compareKeys(productKey(a, sort), productKey(b, sort))
      )
      deepStrictEqual(sorted, products.toSorted(expected))
    }
  )

  it.prop("are keys of their sort, and survive JSON", { product, sort }, ({ product, sort }) => {
    const key = productKey(product, sort)
    const json: unknown = JSON.parse(JSON.stringify(key))
    deepStrictEqual(Schema.decodeUnknownSync(ProductKey[sort])(json), key)
    strictEqual(compareKeys(key, key), 0)
  })

  it.prop("belong to one sort only", { product }, ({ product }) => {
    assertTrue(!Schema.is(ProductKey.newest)(productKey(product, "name")))
    assertTrue(!Schema.is(ProductKey.name)(productKey(product, "price")))
    assertTrue(!Schema.is(ProductKey.price)(productKey(product, "newest")))
  })
})

describe("a query", () => {
  it("may be empty", () => {
    deepStrictEqual(faultsIn(ProductQuery, {}), [])
    deepStrictEqual(faultsIn(OrderQuery, {}), [])
  })

  it("lists every fault", () => {
    const products = { categoryId: 1, q: "\u0000", inStock: "yes", sort: "cheapest", limit: 101, cursor: 1 }
    deepStrictEqual(
      faultsIn(ProductQuery, products),
      Object.keys(products).map((key) => `/${key}`)
    )
    const orders = { status: "LOST", customerId: "", limit: 0 }
    deepStrictEqual(faultsIn(OrderQuery, orders), ["/status", "/customerId", "/limit"])
  })

  it.prop("asks for at most 200 code points of text", { q: text(300) }, ({ q }) => {
    deepStrictEqual(faultsIn(ProductQuery, { q }), Array.from(q).length > 200 ? ["/q"] : [])
  })
})
