import { Result, Schema } from "effect"
import { type CustomerId, VoucherId } from "../shared/Ids.ts"
import { Instant, Moment } from "../shared/Instant.ts"
import { Integer } from "../shared/Integer.ts"
import { type InvalidInput, invalidAt } from "../shared/InvalidInput.ts"
import { Currency, type Money, StoredCurrency } from "../shared/Money.ts"
import { paging } from "../shared/Page.ts"
import { normalizeKey, StoredText } from "../shared/Text.ts"
import { AdjustmentCode, AdjustmentName, type DiscountRequest, wholeRate } from "./Adjustment.ts"

/** Schema of the code of a voucher: 1 to 100 characters, not blank. Unique; case is ignored. */
export const VoucherCode = AdjustmentCode

/** Maximum number of uses of a voucher. */
export const maxUses = 10 ** 12
const Uses = Integer(0, maxUses)
const PositiveAmount = Integer(1, Number.MAX_SAFE_INTEGER)
const PositiveRate = Integer(1, wholeRate)
const PerCustomer = Integer(1, 1000)

/**
 * A voucher: a code that gives a discount of a rate or an amount, a limited number of times. `minimum` is compared with
 * the items at list price. Amounts are minor units of `currency`. `usesLeft` and `uses` are `null` without a limit.
 */
export const Voucher = Schema.Struct({
  id: VoucherId,
  code: StoredText,
  name: StoredText,
  rate: Schema.NullOr(PositiveRate),
  amount: Schema.NullOr(PositiveAmount),
  currency: Schema.NullOr(StoredCurrency),
  minimum: Schema.NullOr(PositiveAmount),
  startsAt: Schema.NullOr(Instant),
  endsAt: Schema.NullOr(Instant),
  active: Schema.Boolean,
  uses: Schema.NullOr(Uses),
  usesLeft: Schema.NullOr(Uses),
  perCustomer: Schema.NullOr(PerCustomer),
  createdAt: Instant,
  updatedAt: Instant
}).annotate({ identifier: "Voucher" })
export interface Voucher extends Schema.Schema.Type<typeof Voucher> {}

const isConsistent = Schema.makeFilter(
  (input: {
    readonly rate?: number | undefined
    readonly amount?: number | undefined
    readonly currency?: string | undefined
    readonly minimum?: number | undefined
    readonly startsAt?: Date | null | undefined
    readonly endsAt?: Date | null | undefined
  }) => {
    if ((input.rate === undefined) === (input.amount === undefined)) return "Expected either rate or amount"
    if (input.currency === undefined && (input.amount !== undefined || input.minimum !== undefined)) {
      return "Expected a currency for amount and minimum"
    }
    return isPeriod(input.startsAt ?? null, input.endsAt ?? null) || "Expected startsAt before endsAt"
  }
)

const isPeriod = (startsAt: Date | null, endsAt: Date | null) =>
  startsAt === null || endsAt === null || startsAt < endsAt

/** Fields of a new voucher. */
export const newVoucherFields = {
  code: VoucherCode,
  name: AdjustmentName,
  rate: Schema.optional(PositiveRate),
  amount: Schema.optional(PositiveAmount),
  currency: Schema.optional(Currency),
  minimum: Schema.optional(PositiveAmount),
  startsAt: Schema.optional(Moment),
  endsAt: Schema.optional(Moment),
  uses: Schema.optional(Integer(1, maxUses)),
  perCustomer: Schema.optional(PerCustomer)
}

/** Input for a new voucher: `rate` in millionths, or `amount` with `currency`. Without `uses` there is no limit. */
export const NewVoucher = Schema.Struct(newVoucherFields)
  .check(isConsistent)
  .annotate({ identifier: "NewVoucher" })
export interface NewVoucher extends Schema.Schema.Type<typeof NewVoucher> {}

/** Fields of a change of a voucher. */
export const voucherChangeFields = {
  name: Schema.optional(AdjustmentName),
  startsAt: Schema.optional(Schema.NullOr(Moment)),
  endsAt: Schema.optional(Schema.NullOr(Moment)),
  active: Schema.optional(Schema.Boolean),
  uses: Schema.optional(Uses)
}

/** Input for a change of a voucher. Absent fields stay unchanged; `null` clears a time. `uses` counts all uses ever. */
export const VoucherChange = Schema.Struct(voucherChangeFields).annotate({ identifier: "VoucherChange" })
export interface VoucherChange extends Schema.Schema.Type<typeof VoucherChange> {}

/** Paging of a list of vouchers. */
export const VoucherQuery = Schema.Struct(paging)

/** Sort key of a list of vouchers, newest first. */
export const VoucherKey = Schema.Tuple([VoucherId])

/** Reason why a voucher gives no discount. */
export const VoucherRefusal = Schema.Literals([
  "unknown",
  "not yet",
  "over",
  "used up",
  "used by this customer",
  "minimum",
  "currency",
  "excluded"
])
export type VoucherRefusal = typeof VoucherRefusal.Type

const explanations: Record<VoucherRefusal, string> = {
  unknown: "No voucher has this code",
  "not yet": "The voucher is not valid yet",
  over: "The voucher is no longer valid",
  "used up": "The voucher is used up",
  "used by this customer": "The customer has used the voucher as often as allowed",
  minimum: "The items are worth less than the voucher requires",
  currency: "The voucher is for another currency",
  excluded: "The voucher gives no discount on this order"
}

/** Refusal: a voucher gives no discount on this order. Nothing is used up. */
export class VoucherNotValid extends Schema.TaggedError<VoucherNotValid>()("VoucherNotValid", {
  code: Schema.String,
  reason: VoucherRefusal
}) {
  override get message() {
    return `${explanations[this.reason]}: ${this.code}.`
  }
}

/** Refusal: no voucher has this id. */
export class VoucherNotFound extends Schema.TaggedError<VoucherNotFound>()("VoucherNotFound", {
  voucherId: Schema.String
}) {
  override get message() {
    return `No voucher has the id ${this.voucherId}.`
  }
}

/** Refusal: another voucher has this code. Case is ignored. */
export class VoucherCodeTaken extends Schema.TaggedError<VoucherCodeTaken>()("VoucherCodeTaken", {
  code: Schema.String
}) {
  override get message() {
    return "Another voucher already has this code."
  }
}

/** Returns a new, active voucher. */
export const createVoucher = (
  input: NewVoucher,
  created: { readonly id: VoucherId; readonly at: Date }
): Voucher => ({
  id: created.id,
  code: input.code,
  name: input.name,
  rate: input.rate ?? null,
  amount: input.amount ?? null,
  currency: input.currency ?? null,
  minimum: input.minimum ?? null,
  startsAt: input.startsAt ?? null,
  endsAt: input.endsAt ?? null,
  active: true,
  uses: input.uses ?? null,
  usesLeft: input.uses ?? null,
  perCustomer: input.perCustomer ?? null,
  createdAt: created.at,
  updatedAt: created.at
})

/**
 * Returns the voucher with the given fields changed. The uses change by difference, so uses that orders have taken stay
 * taken. Fails with `InvalidInput`: fewer uses than taken, uses of a voucher without a limit, or an empty period.
 */
export const changeVoucher = (
  voucher: Voucher,
  input: VoucherChange,
  at: Date
): Result.Result<Voucher, InvalidInput> => {
  const startsAt = input.startsAt === undefined ? voucher.startsAt : input.startsAt
  const endsAt = input.endsAt === undefined ? voucher.endsAt : input.endsAt
  if (!isPeriod(startsAt, endsAt)) return Result.fail(invalidAt("/endsAt", "Expected startsAt before endsAt"))
  if (input.uses !== undefined && voucher.uses === null) {
    return Result.fail(invalidAt("/uses", "A voucher without a limit keeps having none"))
  }
  const uses = input.uses ?? voucher.uses
  const usesLeft =
    uses === null || voucher.uses === null || voucher.usesLeft === null
      ? null
      : voucher.usesLeft + uses - voucher.uses
  if (usesLeft !== null && usesLeft < 0) {
    return Result.fail(
      invalidAt("/uses", `Expected at least the ${(uses ?? 0) - usesLeft} uses that are taken`)
    )
  }
  return Result.succeed({
    ...voucher,
    name: input.name ?? voucher.name,
    active: input.active ?? voucher.active,
    startsAt,
    endsAt,
    uses,
    usesLeft,
    updatedAt: at
  })
}

/** A use of a voucher that an order takes. `nth` numbers the uses of one customer from 0, if those are limited. */
export interface Redemption {
  readonly voucherId: VoucherId
  readonly redeemer: CustomerId
  readonly nth: number | null
}

/** Vouchers by normalized code, and the numbers of the uses that customers have taken. */
export interface VoucherStock {
  readonly vouchers: ReadonlyMap<string, Voucher>
  readonly taken: ReadonlyMap<string, ReadonlyArray<number>>
}

/** No vouchers. */
export const noVouchers: VoucherStock = { vouchers: new Map(), taken: new Map() }

/** Key of `taken`: a voucher and a customer. */
export const takenKey = ({ voucherId, redeemer }: Pick<Redemption, "voucherId" | "redeemer">): string =>
  `${voucherId} ${redeemer}`

/** A voucher that is redeemed, with the discount it gives. */
export interface Redeemed {
  readonly discount: DiscountRequest & { readonly voucherId: VoucherId }
  readonly redemption: Redemption
}

const firstFree = (taken: ReadonlyArray<number>): number => {
  const used = new Set(taken)
  let nth = 0
  while (used.has(nth)) nth += 1
  return nth
}

/**
 * Decides whether a customer may use a voucher for items worth `goods`. Fails with `VoucherNotValid`.
 */
export const redeem = (
  code: string,
  stock: VoucherStock,
  order: { readonly customerId: CustomerId; readonly goods: Money; readonly at: Date }
): Result.Result<Redeemed, VoucherNotValid> => {
  const refuse = (reason: VoucherRefusal) => Result.fail(new VoucherNotValid({ code, reason }))
  const voucher = stock.vouchers.get(normalizeKey(code))
  if (voucher === undefined) return refuse("unknown")
  const { startsAt, endsAt, currency, minimum, perCustomer } = voucher
  if (!voucher.active || (endsAt !== null && endsAt <= order.at)) return refuse("over")
  if (startsAt !== null && startsAt > order.at) return refuse("not yet")
  if (voucher.usesLeft !== null && voucher.usesLeft < 1) return refuse("used up")
  const use = { voucherId: voucher.id, redeemer: order.customerId }
  const taken = stock.taken.get(takenKey(use)) ?? []
  if (perCustomer !== null && taken.length >= perCustomer) return refuse("used by this customer")
  if (currency !== null && currency !== order.goods.currency) return refuse("currency")
  if (minimum !== null && order.goods.amount < minimum) return refuse("minimum")
  const named = { kind: "discount", code: voucher.code, name: voucher.name, voucherId: voucher.id } as const
  return Result.succeed({
    discount:
      voucher.rate === null ? { ...named, amount: voucher.amount ?? 0 } : { ...named, rate: voucher.rate },
    redemption: { ...use, nth: perCustomer === null ? null : firstFree(taken) }
  })
}

/** Returns the vouchers after some uses are taken. */
export const afterRedeeming = (stock: VoucherStock, redemptions: ReadonlyArray<Redemption>): VoucherStock => {
  if (redemptions.length === 0) return stock
  const vouchers = new Map(stock.vouchers)
  const taken = new Map(stock.taken)
  for (const redemption of redemptions) {
    for (const [code, voucher] of vouchers) {
      if (voucher.id === redemption.voucherId && voucher.usesLeft !== null) {
        vouchers.set(code, { ...voucher, usesLeft: voucher.usesLeft - 1 })
      }
    }
    const key = takenKey(redemption)
    if (redemption.nth !== null) taken.set(key, [...(taken.get(key) ?? []), redemption.nth])
  }
  return { vouchers, taken }
}
