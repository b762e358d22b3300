import { Result, Schema } from "effect"
import type { Classification, Offer } from "../catalog/Product.ts"
import type { CustomerId, VoucherId } from "../shared/Ids.ts"
import { decoder, InvalidInput } from "../shared/InvalidInput.ts"
import type { AmountOverflow, MixedCurrencies, Money } from "../shared/Money.ts"
import { Text } from "../shared/Text.ts"
import { type AdjustmentRequest, AdjustmentRequests } from "./Adjustment.ts"
import { type PricedItem, type PricedOrder, priceOrder } from "./PriceOrder.ts"
import { type Redeemed, VoucherNotValid } from "./Voucher.ts"

/** One product of a basket: `total` is its price for the quantity, before any discount. */
export interface BasketLine {
  readonly product: Offer & Classification
  readonly quantity: number
  readonly total: Money
}

/** What pricing sees of an order that is about to be placed. */
export interface Basket {
  readonly customerId: CustomerId
  readonly currency: string
  /** Sum of the items at list price, in minor units. */
  readonly goods: number
  readonly lines: readonly [BasketLine, ...Array<BasketLine>]
  /** The discounts of the vouchers that the customer has named. */
  readonly vouchers: ReadonlyArray<Redeemed["discount"]>
  readonly metadata: Readonly<Record<string, string>>
  readonly at: Date
}

/** Refusal: the pricing of the shop refuses the order. `reason` is the host's. */
export class PricingRefused extends Schema.TaggedError<PricingRefused>()("PricingRefused", {
  reason: Text(500)
}) {
  override get message() {
    return this.reason
  }
}

/** A bug of the pricing of the host: it throws, or returns what no receipt can be made from. */
export class PricingDefect extends Schema.TaggedError<PricingDefect>()("PricingDefect", {
  cause: Schema.Defect()
}) {
  override get message() {
    return "The pricing of the shop has a bug."
  }
}

type Requested = Result.Result<ReadonlyArray<AdjustmentRequest>, PricingRefused>

/**
 * The pricing of a shop: a pure, synchronous function of the basket. It may run several times for one order.
 *
 * Returns the adjustments to make, or a `Result` of them. Refuses an order by failing with `PricingRefused`, or by throwing
 * it. A voucher of the basket that its answer leaves out gives no discount, and the order is refused.
 */
export type PricingFunction = (basket: Basket) => ReadonlyArray<AdjustmentRequest> | Requested

/** The default pricing: only vouchers that the customer names. */
export const vouchersOnly: PricingFunction = ({ vouchers }) => vouchers

const decodeRequests = decoder(AdjustmentRequests)

const defect = (cause: unknown) => Result.fail(new PricingDefect({ cause }))

const refusalOrDefect = (cause: unknown) =>
  cause instanceof PricingRefused ? Result.fail(cause) : defect(cause)

/** Runs the pricing of the host, which may be written without types. */
const ask = (
  price: PricingFunction,
  basket: Basket
): Result.Result<ReadonlyArray<AdjustmentRequest>, PricingRefused | PricingDefect> => {
  let answer: unknown
  try {
    answer = price(basket)
  } catch (cause) {
    return refusalOrDefect(cause)
  }
  if (Result.isResult(answer) && Result.isFailure(answer)) return refusalOrDefect(answer.failure)
  const requests = decodeRequests(Result.isResult(answer) ? Result.getOrThrow(answer) : answer)
  if (Result.isFailure(requests)) return defect(requests.failure)
  const known: ReadonlySet<VoucherId | undefined> = new Set(basket.vouchers.map(({ voucherId }) => voucherId))
  return requests.success.every(
    (request) =>
      request.kind !== "discount" || request.voucherId === undefined || known.has(request.voucherId)
  )
    ? Result.succeed(requests.success)
    : defect(new Error("Pricing names a voucher that the customer has not named"))
}

/**
 * Asks the pricing of the shop, adds the adjustments of the host, and computes the receipt.
 *
 * Fails with `PricingRefused`, `VoucherNotValid` if a voucher gives no discount, and `InvalidInput` if the adjustments of
 * the host contradict the pricing. Fails with `PricingDefect` if the pricing itself has a bug.
 */
export const priceBasket = (
  basket: Basket,
  items: readonly [PricedItem, ...Array<PricedItem>],
  price: PricingFunction,
  adjustments: ReadonlyArray<AdjustmentRequest>
): Result.Result<
  PricedOrder,
  PricingRefused | PricingDefect | VoucherNotValid | MixedCurrencies | AmountOverflow | InvalidInput
> =>
  Result.gen(function* () {
    const requests = yield* ask(price, basket)
    const alone = priceOrder(items, requests)
    if (Result.isFailure(alone) && alone.failure instanceof InvalidInput) return yield* defect(alone.failure)
    const priced = yield* adjustments.length === 0 ? alone : priceOrder(items, [...requests, ...adjustments])
    for (const { code, voucherId } of basket.vouchers) {
      const gives = priced.adjustments.some(
        (figure) => figure.voucherId === voucherId && figure.amount.amount > 0
      )
      if (!gives) return yield* Result.fail(new VoucherNotValid({ code, reason: "excluded" }))
    }
    return priced
  })
