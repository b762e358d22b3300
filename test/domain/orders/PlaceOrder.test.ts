import { describe, it } from "@effect/vitest"
import { assertFailure, assertTrue, deepStrictEqual, fail, strictEqual } from "@effect/vitest/utils"
import { Result, Schema } from "effect"
import { InsufficientStock, type Product, ProductNotFound } from "../../../src/domain/catalog/Product.ts"
import { Order } from "../../../src/domain/orders/Order.ts"
import {
  Draft,
  OrderRequest,
  PriceChanged,
  ProductUnavailable,
  placeOrder,
  productsOf
} from "../../../src/domain/orders/PlaceOrder.ts"
import { CustomerId, OrderId, ProductId } from "../../../src/domain/shared/Ids.ts"
import { AmountOverflow, MixedCurrencies } from "../../../src/domain/shared/Money.ts"
import {
  attribution,
  int,
  metadata,
  type Placing,
  placeable,
  placing
} from "../../../src/testing/Generators.ts"
import { accepts, faultsIn, shuffle, untouched } from "../support.ts"

const id = OrderId.make("0198c0de-0000-7000-8000-000000000001")
const at = new Date(0)
const decide = ({ draft, products }: Placing) => placeOrder(draft, products, { id, at, actor: "system" })

/** What a draft asks for in all, product by product. */
const asked = (draft: Draft) => {
  const units: Record<string, number> = {}
  for (const { productId, quantity } of draft.items) units[productId] = (units[productId] ?? 0) + quantity
  return Object.entries(units)
}

/** A second opinion on a placing, in whole numbers of any size: the refusal, or the total. */
const judge = ({ draft, products }: Placing) => {
  const priced: Array<{ product: Product; quantity: number; total: bigint }> = []
  for (const [productId, quantity] of asked(draft)) {
    const product = products.get(ProductId.make(productId))
    if (!product) return new ProductNotFound({ productId })
    if (!product.active) return new ProductUnavailable({ productId })
    priced.push({ product, quantity, total: BigInt(product.price.amount) * BigInt(quantity) })
  }
  const tooLarge = (amount: bigint) => amount > BigInt(Number.MAX_SAFE_INTEGER)
  if (priced.some(({ total }) => tooLarge(total))) return new AmountOverflow()
  const currencies = [...new Set(priced.map(({ product }) => product.price.currency))].sort()
  if (currencies.length > 1) return new MixedCurrencies({ currencies })
  const sum = priced.reduce((sum, { total }) => sum + total, 0n)
  if (tooLarge(sum)) return new AmountOverflow()
  const shortages = priced
    .filter(({ product, quantity }) => quantity > product.stock)
    .map(({ product, quantity }) => ({
      productId: product.id,
      requested: quantity,
      available: product.stock
    }))
  if (shortages.length > 0) return new InsufficientStock({ shortages })
  const total = { amount: Number(sum), currency: currencies[0] ?? "" }
  const expected = draft.expectedTotal
  if (expected && !(expected.amount === total.amount && expected.currency === total.currency)) {
    return new PriceChanged({ total })
  }
  return total
}

const byProduct = (order: Order): Order => {
  const [first, ...rest] = order.items.toSorted((a, b) => (a.productId < b.productId ? -1 : 1))
  return { ...order, items: [first ?? order.items[0], ...rest] }
}

describe("placing a draft", () => {
  it.prop(
    "is refused exactly for its reason, or comes to its total",
    { placing },
    ({ placing }) => {
      const decided = decide(placing)
      const expected = judge(placing)
      if (expected instanceof Error) assertFailure(decided, expected)
      else if (Result.isFailure(decided)) fail(decided.failure.message)
      else deepStrictEqual(decided.success.order.total, expected)
    },
    { arbitrary: { runs: 200 } }
  )

  it.prop("changes neither the draft nor the products", { placing }, ({ placing }) => {
    untouched(placing, decide)
  })

  it.prop("copies name, SKU and price of each product, once per product", { placeable }, ({ placeable }) => {
    const { order } = Result.getOrThrow(decide(placeable))
    const expected = asked(placeable.draft).map(([productId, quantity]) => {
      const { name, sku, price } = placeable.products.get(ProductId.make(productId)) ?? {}
      const total = { ...price, amount: Number(BigInt(price?.amount ?? 0) * BigInt(quantity)) }
      return { productId, name, sku, unitPrice: price, quantity, total }
    })
    deepStrictEqual<ReadonlyArray<unknown>>(order.items, expected)
  })

  it.prop(
    "makes a new order and the event that says so",
    { placeable, attribution },
    ({ placeable, attribution }) => {
      const { draft, products } = placeable
      const { order, event } = Result.getOrThrow(placeOrder(draft, products, { ...attribution, id }))
      const { items: _, total: __, ...rest } = order
      deepStrictEqual(rest, {
        id,
        customerId: draft.customerId,
        status: "CREATED",
        metadata: draft.metadata ?? {},
        version: 1,
        createdAt: attribution.at,
        updatedAt: attribution.at
      })
      deepStrictEqual(event, { sequence: 1, event: "placed", from: null, to: "CREATED", ...attribution })
      assertTrue(Schema.is(Order)(order))
    }
  )

  it.prop("comes to the sum of unit price times quantity", { placing }, ({ placing }) => {
    const decided = decide(placing)
    if (Result.isFailure(decided)) return
    const { items, total } = decided.success.order
    const exact = items.reduce((sum, item) => sum + BigInt(item.unitPrice.amount) * BigInt(item.quantity), 0n)
    strictEqual(BigInt(total.amount), exact)
    assertTrue(items.every((item) => item.unitPrice.currency === total.currency))
  })

  it.prop("takes no more units than there are", { placing }, ({ placing }) => {
    const decided = decide(placing)
    if (Result.isFailure(decided)) return
    for (const { productId, quantity } of decided.success.order.items) {
      assertTrue(quantity <= (placing.products.get(productId)?.stock ?? 0))
    }
  })

  it.prop(
    "does not depend on the order of the lines, but for the order of the items",
    { placing, seed: int(0, 1e6) },
    ({ placing, seed }) => {
      const shuffled = { ...placing, draft: { ...placing.draft, items: shuffle(placing.draft.items, seed) } }
      const [one, other] = [decide(placing), decide(shuffled)]
      strictEqual(Result.isSuccess(one), Result.isSuccess(other))
      if (Result.isSuccess(one) && Result.isSuccess(other)) {
        deepStrictEqual(byProduct(one.success.order), byProduct(other.success.order))
      }
    }
  )

  it.prop("does not depend on whether a quantity is asked for at once", { placing }, ({ placing }) => {
    const items = placing.draft.items.flatMap(({ productId, quantity }) =>
      quantity === 1
        ? [{ productId, quantity }]
        : [
            { productId, quantity: 1 },
            { productId, quantity: quantity - 1 }
          ]
    )
    deepStrictEqual(decide({ ...placing, draft: { ...placing.draft, items } }), decide(placing))
  })

  it.prop("at the expected total succeeds, at any other does not", { placeable }, ({ placeable }) => {
    const { total } = Result.getOrThrow(decide(placeable)).order
    const expecting = (expectedTotal: Draft["expectedTotal"]) =>
      decide({ ...placeable, draft: { ...placeable.draft, expectedTotal } })
    assertTrue(Result.isSuccess(expecting(total)))
    assertTrue(Result.isSuccess(expecting(undefined)))
    assertFailure(expecting({ ...total, amount: total.amount + 1 }), new PriceChanged({ total }))
    assertFailure(expecting({ ...total, currency: "CHF" }), new PriceChanged({ total }))
  })

  it.prop("takes the last unit and not one more", { placeable }, ({ placeable }) => {
    const wanted = new Map(asked(placeable.draft))
    const leaving = (missing: number) => ({
      ...placeable,
      products: new Map(
        Array.from(placeable.products, ([id, product]) => [
          id,
          { ...product, stock: (wanted.get(id) ?? 0) - missing }
        ])
      )
    })
    assertTrue(Result.isSuccess(decide(leaving(0))))
    const shortages = Array.from(wanted, ([productId, requested]) => ({
      productId,
      requested,
      available: requested - 1
    }))
    assertFailure(decide(leaving(1)), new InsufficientStock({ shortages }))
  })

  it.prop("names each of its products once", { placing }, ({ placing: { draft } }) => {
    deepStrictEqual<ReadonlyArray<string>>(
      productsOf(draft),
      asked(draft).map(([productId]) => productId)
    )
  })
})

describe("a draft", () => {
  const customerId = CustomerId.make("0198c0de-0000-7000-8000-000000000001")
  const product = (n: number) => `0198c0de-0000-7000-8000-${String(n).padStart(12, "0")}`
  const line = (n: number, quantity = 1) => ({ productId: product(n), quantity })
  const lines = (count: number) => Array.from({ length: count }, (_, n) => line(n))
  const draft = (items: unknown, rest: object = {}) => ({ customerId, items, ...rest })

  it.prop("that is generated decodes to itself", { placing }, ({ placing: { draft } }) => {
    deepStrictEqual(faultsIn(Draft, draft), [])
    deepStrictEqual(Schema.decodeSync(Draft)(draft), draft)
  })

  it.each([0, -5, 1.5, 1e9, 1_000_001, Number.NaN, Number.POSITIVE_INFINITY, "1", null, undefined, true, 1n])(
    "never asks for a quantity of %s",
    (quantity) => {
      deepStrictEqual(
        [...new Set(faultsIn(Draft, draft([line(1), { ...line(2), quantity }])))],
        ["/items/1/quantity"]
      )
    }
  )

  it.each([1, 2, 1_000_000])("may ask for a quantity of %d", (quantity) => {
    assertTrue(accepts(Draft, draft([line(1, quantity)])))
  })

  it.each([
    ["of no items", []],
    ["of 101 products", lines(101)],
    ["of 1,001 lines", Array.from({ length: 1001 }, () => line(1))],
    ["of more than 1,000,000 units of a product in all", [line(1, 999_999), line(2), line(1, 2)]],
    ["of an object in place of items", { 0: line(1) }],
    ["without items", undefined]
  ])("is refused: %s", (_, items) => {
    deepStrictEqual(faultsIn(Draft, draft(items)), ["/items"])
    deepStrictEqual(faultsIn(OrderRequest, { items }), ["/items"])
  })

  it.each([
    ["of 100 products", lines(100)],
    ["of 100 products in 1,000 lines", Array.from({ length: 1000 }, (_, n) => line(n % 100))],
    ["of 1,000,000 units of each of two products", [line(1, 500_000), line(2, 1_000_000), line(1, 500_000)]]
  ])("is accepted: %s", (_, items) => {
    assertTrue(accepts(Draft, draft(items)))
    assertTrue(accepts(OrderRequest, { items }))
  })

  it("knows a product by its id, whatever the case", () => {
    const id = product(1).replace("c0de", "C0DE")
    const items = [line(1, 600_000), { productId: id, quantity: 400_001 }]
    deepStrictEqual(faultsIn(Draft, draft(items)), ["/items"])
  })

  it("lists every fault, each where it is", () => {
    const input = {
      customerId: "",
      items: [{ productId: product(1), quantity: 0 }, { productId: "x" }, "y"],
      expectedTotal: { amount: -1, currency: "eur" },
      metadata: { "a/b~c": 1 }
    }
    deepStrictEqual(faultsIn(Draft, input), [
      "/customerId",
      "/items/0/quantity",
      "/items/1/productId",
      "/items/1/quantity",
      "/items/2",
      "/expectedTotal/amount",
      "/expectedTotal/currency",
      "/metadata/a~1b~0c"
    ])
  })

  it.prop("may carry metadata", { metadata }, ({ metadata }) => {
    deepStrictEqual(faultsIn(Draft, draft(lines(1), { metadata })), [])
    deepStrictEqual(faultsIn(Draft, draft(lines(1), { metadata: { ...metadata, x: null } })), ["/metadata/x"])
  })

  it.each([null, 7, "items", {}, undefined])("is never %o", (input) => {
    assertTrue(faultsIn(Draft, input).length > 0)
  })
})

describe("a refusal", () => {
  it("says what stands in the way", () => {
    const messages = [
      new ProductNotFound({ productId: "p" }),
      new ProductUnavailable({ productId: "p" }),
      new PriceChanged({ total: { amount: 5, currency: "EUR" } }),
      new InsufficientStock({
        shortages: [
          { productId: "p", requested: 3, available: 2 },
          { productId: "q", requested: 1, available: 0 }
        ]
      })
    ].map(({ message }) => message)
    deepStrictEqual(messages, [
      "No product has the id p.",
      "The product p is not for sale.",
      "The total is now 5 EUR (minor units).",
      "Insufficient stock of p: requested 3, available 2; Insufficient stock of q: requested 1, available 0"
    ])
  })
})
