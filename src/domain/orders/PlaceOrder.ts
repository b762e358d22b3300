import { Result, Schema } from "effect"
import { InsufficientStock, type Offer, ProductNotFound } from "../catalog/Product.ts"
import { CustomerId, type OrderId, ProductId } from "../shared/Ids.ts"
import {
  type AmountOverflow,
  type MixedCurrencies,
  multiply,
  StoredMoney,
  sameMoney,
  sum
} from "../shared/Money.ts"
import { Metadata, type Order, type OrderEvent, type OrderItem, Quantity } from "./Order.ts"

const Line = Schema.Struct({ productId: ProductId, quantity: Quantity }).annotate({ identifier: "OrderLine" })
type Line = typeof Line.Type

/** Merges lines of the same product into the first of them. */
const merge = (lines: ReadonlyArray<Line>): ReadonlyArray<Line> => {
  const quantities = new Map<ProductId, number>()
  for (const { productId, quantity } of lines) {
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity)
  }
  return Array.from(quantities, ([productId, quantity]) => ({ productId, quantity }))
}

const mergesWithinBounds = Schema.makeFilter((lines: ReadonlyArray<Line>) => {
  const merged = merge(lines)
  if (merged.length > 100) return "Expected at most 100 products"
  return (
    merged.every(({ quantity }) => quantity <= 1_000_000) ||
    "Expected at most 1000000 units of a product in all"
  )
})

const fields = {
  items: Schema.Array(Line).check(
    Schema.isMinLength(1, { expected: "at least 1 item" }),
    Schema.isMaxLength(1000, { expected: "at most 1000 items" }),
    mergesWithinBounds
  ),
  expectedTotal: Schema.optional(StoredMoney),
  metadata: Schema.optional(Metadata)
}

/** Body of POST /orders. The customer comes from the access token. */
export const OrderRequest = Schema.Struct(fields).annotate({ identifier: "OrderRequest" })

/**
 * A draft of an order: 1 to 100 products, each 1 to 1,000,000 units. If `expectedTotal` is given, placing fails
 * with `PriceChanged` unless the total equals it.
 */
export const Draft = Schema.Struct({ customerId: CustomerId, ...fields }).annotate({ identifier: "Draft" })
export interface Draft extends Schema.Schema.Type<typeof Draft> {}

/** Refusal: the product is inactive. */
export class ProductUnavailable extends Schema.TaggedError<ProductUnavailable>()("ProductUnavailable", {
  productId: Schema.String
}) {
  override get message() {
    return `The product ${this.productId} is not for sale.`
  }
}

/** Refusal: the total differs from `expectedTotal`. `total` is the current total. */
export class PriceChanged extends Schema.TaggedError<PriceChanged>()("PriceChanged", { total: StoredMoney }) {
  override get message() {
    return `The total is now ${this.total.amount} ${this.total.currency} (minor units).`
  }
}

/** All refusals of `placeOrder`. */
export type PlaceOrderRefusal =
  | ProductNotFound
  | ProductUnavailable
  | MixedCurrencies
  | InsufficientStock
  | AmountOverflow
  | PriceChanged

/** Result of `placeOrder`: the order and the first event of its history. */
export interface Placed {
  readonly order: Order
  readonly event: OrderEvent
}

/** Returns the ids of the products in a draft, without duplicates. */
export const productsOf = (draft: Draft): ReadonlyArray<ProductId> => [
  ...new Set(draft.items.map((line) => line.productId))
]

/**
 * Decides whether a draft becomes an order, given the current products.
 *
 * Every product must exist, be active and be in stock, and all must have one currency. Name, SKU and price are
 * copied into the items. The caller subtracts each item's `quantity` from stock. Fails with a `PlaceOrderRefusal`.
 */
export const placeOrder = (
  draft: Draft,
  products: ReadonlyMap<ProductId, Offer>,
  attribution: { readonly id: OrderId; readonly at: Date; readonly actor: string }
): Result.Result<Placed, PlaceOrderRefusal> =>
  Result.gen(function* () {
    const lines: Array<Line & { readonly product: Offer }> = []
    for (const line of merge(draft.items)) {
      const product = products.get(line.productId)
      if (product === undefined) return yield* Result.fail(new ProductNotFound({ productId: line.productId }))
      if (!product.active) return yield* Result.fail(new ProductUnavailable({ productId: line.productId }))
      lines.push({ ...line, product })
    }
    const items: Array<OrderItem> = []
    for (const { product, quantity } of lines) items.push(yield* snapshot(product, quantity))
    const [first, ...rest] = items
    if (first === undefined) throw new Error("A draft has at least one line")
    const total = yield* sum([first.total, ...rest.map((item) => item.total)])
    const shortages = lines
      .filter(({ product, quantity }) => product.stock < quantity)
      .map(({ product, quantity }) => ({
        productId: product.id,
        requested: quantity,
        available: product.stock
      }))
    if (shortages.length > 0) return yield* Result.fail(new InsufficientStock({ shortages }))
    if (draft.expectedTotal !== undefined && !sameMoney(draft.expectedTotal, total)) {
      return yield* Result.fail(new PriceChanged({ total }))
    }
    return {
      order: {
        id: attribution.id,
        customerId: draft.customerId,
        status: "CREATED",
        items: [first, ...rest],
        total,
        metadata: draft.metadata ?? {},
        version: 1,
        createdAt: attribution.at,
        updatedAt: attribution.at
      },
      event: {
        sequence: 1,
        event: "placed",
        from: null,
        to: "CREATED",
        at: attribution.at,
        actor: attribution.actor
      }
    }
  })

const snapshot = (product: Offer, quantity: number): Result.Result<OrderItem, AmountOverflow> =>
  Result.map(multiply(product.price, quantity), (total) => ({
    productId: product.id,
    name: product.name,
    sku: product.sku,
    unitPrice: product.price,
    quantity,
    total
  }))
