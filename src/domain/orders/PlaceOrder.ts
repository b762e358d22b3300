import { Result, Schema, Struct } from "effect"
import { InsufficientStock, type Offer, ProductNotFound } from "../catalog/Product.ts"
import { type AdjustmentRequest, AdjustmentRequests } from "../pricing/Adjustment.ts"
import {
  type Basket,
  type PricingDefect,
  type PricingFunction,
  type PricingRefused,
  priceBasket,
  vouchersOnly
} from "../pricing/Pricing.ts"
import {
  noVouchers,
  type Redeemed,
  type Redemption,
  redeem,
  VoucherCode,
  type VoucherNotValid,
  type VoucherStock
} from "../pricing/Voucher.ts"
import { CustomerId, type OrderId, ProductId } from "../shared/Ids.ts"
import type { InvalidInput } from "../shared/InvalidInput.ts"
import {
  type AmountOverflow,
  type MixedCurrencies,
  multiply,
  StoredMoney,
  sameMoney,
  sum
} from "../shared/Money.ts"
import { normalizeKey } from "../shared/Text.ts"
import { Metadata, Order, type OrderEvent, type OrderItem, Quantity } from "./Order.ts"

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

const areDifferent = Schema.makeFilter(
  (codes: ReadonlyArray<string>) => new Set(codes.map(normalizeKey)).size === codes.length,
  { expected: "different codes" }
)

/** Codes of vouchers: at most 10, all different. */
const Codes = Schema.Array(VoucherCode).check(
  Schema.isMaxLength(10, { expected: "at most 10 codes" }),
  areDifferent
)

const namesNoVoucher = Schema.makeFilter(
  (requests: ReadonlyArray<AdjustmentRequest>) =>
    requests.every((request) => request.kind !== "discount" || request.voucherId === undefined),
  { expected: "discounts without vouchers, which are named by codes" }
)

const fields = {
  items: Schema.Array(Line).check(
    Schema.isMinLength(1, { expected: "at least 1 item" }),
    Schema.isMaxLength(1000, { expected: "at most 1000 items" }),
    mergesWithinBounds
  ),
  codes: Schema.optional(Codes),
  expectedTotal: Schema.optional(StoredMoney),
  metadata: Schema.optional(Metadata)
}

/** Body of POST /orders. The customer comes from the access token. */
export const OrderRequest = Schema.Struct(fields).annotate({ identifier: "OrderRequest" })

/**
 * A draft of an order: 1 to 100 products, each 1 to 1,000,000 units. `codes` name vouchers. `adjustments` are the host's
 * own, such as the figures of a tax service. If `expectedTotal` is given, placing fails with `PriceChanged` unless the
 * total equals it.
 */
export const Draft = Schema.Struct({
  customerId: CustomerId,
  ...fields,
  adjustments: Schema.optional(AdjustmentRequests.check(namesNoVoucher))
}).annotate({ identifier: "Draft" })
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
  | VoucherNotValid
  | PricingRefused
  | PricingDefect
  | InvalidInput

/** Result of `placeOrder`: the order, the first event of its history, and the voucher uses that it takes. */
export interface Placed {
  readonly order: Order
  readonly event: OrderEvent
  readonly redemptions: ReadonlyArray<Redemption>
}

/** What an order would be if it were placed now: its items, adjustments and total. Nothing is stored. */
export const Quote = Order.mapFields(Struct.pick(["items", "adjustments", "total"])).annotate({
  identifier: "Quote"
})
export interface Quote extends Schema.Schema.Type<typeof Quote> {}

/** Returns what placing has decided as a quote. */
export const toQuote = ({ order: { items, adjustments, total } }: Placed): Quote => ({
  items,
  ...(adjustments !== undefined && { adjustments }),
  total
})

/** Returns the ids of the products in a draft, without duplicates. */
export const productsOf = (draft: Draft): ReadonlyArray<ProductId> => [
  ...new Set(draft.items.map((line) => line.productId))
]

/** Returns the normalized codes of the vouchers in a draft. */
export const codesOf = ({ codes = [] }: Draft): ReadonlyArray<string> => codes.map(normalizeKey)

/** Returns whether the total of a draft may be more than the sum of its items. */
export const isAdjusted = (draft: Draft, price: PricingFunction): boolean =>
  price !== vouchersOnly || (draft.codes ?? []).length > 0 || (draft.adjustments ?? []).length > 0

/**
 * Decides whether a draft becomes an order, given the current products and vouchers and the pricing of the shop.
 *
 * Every product must exist, be active and be in stock, and all must have one currency. Name, SKU and price are
 * copied into the items. The caller subtracts each item's `quantity` from stock, and takes the `redemptions` from the
 * vouchers. Fails with a `PlaceOrderRefusal`.
 */
export const placeOrder = (
  draft: Draft,
  products: ReadonlyMap<ProductId, Offer>,
  attribution: { readonly id: OrderId; readonly at: Date; readonly actor: string },
  price: PricingFunction = vouchersOnly,
  vouchers: VoucherStock = noVouchers
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
    const goods = yield* sum([first.total, ...rest.map((item) => item.total)])
    const shortages = lines
      .filter(({ product, quantity }) => product.stock < quantity)
      .map(({ product, quantity }) => ({
        productId: product.id,
        requested: quantity,
        available: product.stock
      }))
    if (shortages.length > 0) return yield* Result.fail(new InsufficientStock({ shortages }))
    const redeemed: Array<Redeemed> = []
    for (const code of draft.codes ?? []) {
      redeemed.push(
        yield* redeem(code, vouchers, { customerId: draft.customerId, goods, at: attribution.at })
      )
    }
    const { adjustments, total } = isAdjusted(draft, price)
      ? yield* priceBasket(
          {
            customerId: draft.customerId,
            currency: goods.currency,
            goods: goods.amount,
            lines: toBasketLines(lines, [first, ...rest]),
            vouchers: redeemed.map(({ discount }) => discount),
            metadata: draft.metadata ?? {},
            at: attribution.at
          },
          [first, ...rest],
          price,
          draft.adjustments ?? []
        )
      : { adjustments: [], total: goods }
    if (draft.expectedTotal !== undefined && !sameMoney(draft.expectedTotal, total)) {
      return yield* Result.fail(new PriceChanged({ total }))
    }
    return {
      order: {
        id: attribution.id,
        customerId: draft.customerId,
        status: "CREATED",
        items: [first, ...rest],
        ...(adjustments.length > 0 && { adjustments }),
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
      },
      redemptions: redeemed.map(({ redemption }) => redemption)
    }
  })

const toBasketLines = (
  lines: ReadonlyArray<Line & { readonly product: Offer }>,
  items: Order["items"]
): Basket["lines"] => {
  const [first, ...rest] = lines.map(({ product, quantity }, index) => {
    const { categoryId } = product
    if (categoryId === undefined) throw new Error("A product that is priced has a category")
    return { product: { ...product, categoryId }, quantity, total: (items[index] ?? items[0]).total }
  })
  if (first === undefined) throw new Error("A draft has at least one line")
  return [first, ...rest]
}

const snapshot = (product: Offer, quantity: number): Result.Result<OrderItem, AmountOverflow> =>
  Result.map(multiply(product.price, quantity), (total) => ({
    productId: product.id,
    name: product.name,
    sku: product.sku,
    unitPrice: product.price,
    quantity,
    total
  }))
