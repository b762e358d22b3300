import { Schema } from "effect"
import { ProductId, VoucherId } from "../shared/Ids.ts"
import { Integer } from "../shared/Integer.ts"
import { StoredMoney } from "../shared/Money.ts"
import { Name, StoredText } from "../shared/Text.ts"

/** A fraction in millionths: 190000 is 19 %. At most 1000000, which is 100 %. */
export const Rate = Integer(0, 1_000_000)

/** The number of millionths in 1. */
export const wholeRate = 1_000_000

/** The maximum number of adjustments of an order. */
export const maxAdjustments = 50

/** An amount in minor units of the currency of the order. */
const Amount = Integer(0, Number.MAX_SAFE_INTEGER)

/** Schema of the code of an adjustment, for machines: 1 to 100 characters, not blank. */
export const AdjustmentCode = Name(100)
/** Schema of the name of an adjustment, for the customer: 1 to 200 characters, not blank. */
export const AdjustmentName = Name(200)

/** Kind of an adjustment. Fees and added taxes add to the total, discounts take away. */
export const AdjustmentKind = Schema.Literals(["fee", "discount", "tax"])
export type AdjustmentKind = typeof AdjustmentKind.Type

/**
 * A figure of the receipt besides the items: a fee, a discount or a tax. `amount` is never negative: the kind says
 * whether it adds or takes away. `shares[i]` is the part that line `i` bears; lines are the items, then the fees, in
 * order. Fees have no shares, since each is a line. A tax that is `included` is part of the prices.
 */
export const Adjustment = Schema.Struct({
  kind: AdjustmentKind,
  code: StoredText,
  name: StoredText,
  amount: StoredMoney,
  voucherId: Schema.optionalKey(VoucherId),
  rate: Schema.optionalKey(Rate),
  included: Schema.optionalKey(Schema.Boolean),
  shares: Schema.optionalKey(Schema.Array(Amount))
}).annotate({ identifier: "Adjustment" })
export interface Adjustment extends Schema.Schema.Type<typeof Adjustment> {}

/** The lines that an adjustment covers: items by product, fees by code. Products that are not ordered are ignored. */
export const Coverage = Schema.Struct({
  items: Schema.optional(Schema.Array(ProductId)),
  fees: Schema.optional(Schema.Array(AdjustmentCode))
})
export interface Coverage extends Schema.Schema.Type<typeof Coverage> {}

const named = { code: AdjustmentCode, name: AdjustmentName }
const discount = {
  kind: Schema.Literal("discount"),
  ...named,
  on: Schema.optional(Coverage),
  voucherId: Schema.optional(VoucherId)
}
const tax = {
  kind: Schema.Literal("tax"),
  ...named,
  on: Schema.optional(Coverage),
  included: Schema.Boolean
}

/** A request to add a discount by rate, or up to an amount. Without `on` it covers all items. */
export const DiscountRequest = Schema.Union([
  Schema.Struct({ ...discount, rate: Rate, amount: Schema.optional(Schema.Undefined) }),
  Schema.Struct({ ...discount, amount: Amount, rate: Schema.optional(Schema.Undefined) })
])
export type DiscountRequest = typeof DiscountRequest.Type

/** A request to add a fee of an amount. */
export const FeeRequest = Schema.Struct({ kind: Schema.Literal("fee"), ...named, amount: Amount })
export interface FeeRequest extends Schema.Schema.Type<typeof FeeRequest> {}

/** A request to add a tax by rate, or the amount that a tax service has computed. Without `on` it covers all lines. */
export const TaxRequest = Schema.Union([
  Schema.Struct({ ...tax, rate: Rate, amount: Schema.optional(Schema.Undefined) }),
  Schema.Struct({ ...tax, amount: Amount, rate: Schema.optional(Schema.Undefined) })
])
export type TaxRequest = typeof TaxRequest.Type

/** What pricing or the host asks for. `priceOrder` makes the figure of the receipt from it. Amounts are in minor units. */
export const AdjustmentRequest = Schema.Union([FeeRequest, ...DiscountRequest.members, ...TaxRequest.members])
export type AdjustmentRequest = typeof AdjustmentRequest.Type

/** At most 50 requests. */
export const AdjustmentRequests = Schema.Array(AdjustmentRequest).check(
  Schema.isMaxLength(maxAdjustments, { expected: `at most ${maxAdjustments} adjustments` })
)
