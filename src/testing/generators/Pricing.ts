import { Arbitrary } from "effect"
import {
  type AdjustmentKind,
  type AdjustmentRequest,
  type Coverage,
  type DiscountRequest,
  type FeeRequest,
  type TaxRequest,
  wholeRate
} from "../../domain/pricing/Adjustment.ts"
import type { Goods, TariffPart } from "../../domain/pricing/Tariff.ts"
import {
  createVoucher,
  maxUses,
  type NewVoucher,
  type Voucher,
  type VoucherChange,
  VoucherRefusal
} from "../../domain/pricing/Voucher.ts"
import { CategoryId, ProductId, VoucherId } from "../../domain/shared/Ids.ts"
import { currency, taxClass } from "./Catalog.ts"
import { name, time } from "./Texts.ts"
import { type Gen, int, maybe, nullable, oneOf, partial, pick, struct } from "./Values.ts"

/** Generates a rate from 0 to 100 %, in millionths. Usual rates are frequent. */
export const rate: Gen<number> = oneOf([
  pick([0, 55_000, 70_000, 85_475, 190_000, 500_000, wholeRate]),
  int(0, wholeRate)
])

/** Generates an amount in minor units, most often a small one. */
const minor: Gen<number> = oneOf([int(0, 100), int(0, 10_000), int(0, 1_000_000)])

export const adjustmentCode: Gen<string> = name(100)
export const adjustmentName: Gen<string> = name(200)
export const adjustmentKind: Gen<AdjustmentKind> = pick(["fee", "discount", "tax"])

const named = { code: adjustmentCode, name: adjustmentName }

export const coverage: Gen<Coverage> = partial({
  items: maybe(Arbitrary.array(Arbitrary.schema(ProductId), { maxLength: 3 })),
  fees: maybe(Arbitrary.array(adjustmentCode, { maxLength: 3 }))
})

export const feeRequest: Gen<FeeRequest> = struct({ kind: pick(["fee"]), ...named, amount: minor })

const valued = <A extends object>(fields: { readonly [K in keyof A]-?: Gen<A[K]> }) =>
  oneOf<object>([partial({ ...fields, rate }), partial({ ...fields, amount: minor })])

const discount = { kind: pick(["discount"]), ...named, on: maybe(coverage) }
export const discountRequest = valued(discount) as Gen<DiscountRequest>

const tax = { kind: pick(["tax"]), ...named, on: maybe(coverage), included: pick([true, false]) }
export const taxRequest = valued(tax) as Gen<TaxRequest>

export const adjustmentRequest: Gen<AdjustmentRequest> = oneOf<AdjustmentRequest>([
  feeRequest,
  discountRequest,
  taxRequest
])
export const adjustmentRequests: Gen<ReadonlyArray<AdjustmentRequest>> = Arbitrary.array(adjustmentRequest, {
  maxLength: 5
})

/**
 * Generates requests that do not contradict each other for the given products: different fees, discounts, and taxes that
 * are all included or all added. With `whole` every figure covers all items or all lines.
 */
export const receipt = (
  products: ReadonlyArray<ProductId>,
  { whole = false }: { readonly whole?: boolean } = {}
): Gen<ReadonlyArray<AdjustmentRequest>> => {
  const fees = ["delivery", "gift wrap"]
  const on: Gen<Coverage | undefined> = whole
    ? pick([undefined])
    : maybe(
        partial({
          items: maybe(Arbitrary.array(pick(products), { maxLength: 3 })),
          fees: maybe(pick([fees, ["delivery"], []]))
        })
      )
  const label = { name: adjustmentName, code: name(20) }
  return Arbitrary.map(
    Arbitrary.all({
      fees: Arbitrary.array(minor, { maxLength: fees.length }),
      discounts: Arbitrary.array(valued({ kind: pick(["discount"]), ...label, on }), { maxLength: 3 }),
      included: pick([true, false]),
      taxes: Arbitrary.array(partial({ kind: pick(["tax"]), ...label, on, rate }), { maxLength: 3 })
    }),
    (made) => [
      ...made.fees.map((amount, index) => {
        const code = fees[index] ?? ""
        return { kind: "fee" as const, code, name: code, amount }
      }),
      ...(made.discounts as ReadonlyArray<DiscountRequest>),
      ...made.taxes.map((tax) => ({ ...tax, included: made.included }) as TaxRequest)
    ]
  )
}

export const goods: Gen<Goods> = partial({
  products: maybe(Arbitrary.array(Arbitrary.schema(ProductId), { maxLength: 3 })),
  categories: maybe(Arbitrary.array(Arbitrary.schema(CategoryId), { maxLength: 3 })),
  taxClasses: maybe(Arbitrary.array(nullable(taxClass), { maxLength: 3 }))
})

const ofDiscount = { part: pick(["discount"]), ...named, goods: maybe(goods), from: maybe(minor) }
const ofDelivery = { part: pick(["delivery"]), ...named, freeFrom: maybe(minor) }
const tiers = Arbitrary.map(Arbitrary.array(minor, { minLength: 1, maxLength: 4 }), (amounts) =>
  amounts.map((amount, index) => ({ from: index * 1000, amount }))
)

export const tariffPart = oneOf<object>([
  valued(ofDiscount),
  partial({ ...ofDelivery, amount: minor }),
  partial({ ...ofDelivery, by: pick(["goods", "quantity"]), tiers }),
  partial({
    part: pick(["tax"]),
    ...named,
    rate,
    included: pick([true, false]),
    goods: maybe(goods),
    fees: maybe(Arbitrary.array(adjustmentCode, { maxLength: 2 }))
  })
]) as Gen<TariffPart>

export const voucherCode: Gen<string> = name(100)
export const voucherRefusal: Gen<VoucherRefusal> = pick(VoucherRefusal.literals)

const uses: Gen<number> = oneOf([int(1, 20), int(1, maxUses)])
const from = Arbitrary.map(Arbitrary.all([maybe(time), maybe(int(1, 10 ** 10))]), ([startsAt, length]) => ({
  startsAt,
  endsAt: length === undefined ? undefined : new Date((startsAt?.getTime() ?? 0) + length)
}))

const present = <A extends object>(fields: A) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

export const newVoucher: Gen<NewVoucher> = Arbitrary.map(
  Arbitrary.all({
    code: voucherCode,
    name: adjustmentName,
    value: oneOf<object>([
      struct({ rate: Arbitrary.map(rate, (rate) => rate || 1) }),
      struct({ amount: int(1, 1_000_000), currency })
    ]),
    bound: oneOf<object>([pick([{}]), struct({ minimum: int(1, 10_000), currency })]),
    period: from,
    uses: maybe(uses),
    perCustomer: maybe(int(1, 1000))
  }),
  ({ value, bound, period, ...fields }) => present({ ...fields, ...bound, ...value, ...period }) as NewVoucher
)

/** Generates new vouchers, made by `createVoucher`. */
export const voucher: Gen<Voucher> = Arbitrary.map(
  Arbitrary.all([newVoucher, Arbitrary.schema(VoucherId), time]),
  ([input, id, at]) => createVoucher(input, { id, at })
)

export const voucherChange: Gen<VoucherChange> = partial({
  name: maybe(adjustmentName),
  startsAt: maybe(nullable(time)),
  endsAt: maybe(nullable(time)),
  active: maybe(pick([true, false])),
  uses: maybe(int(0, maxUses))
})
