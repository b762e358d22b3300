import { Effect } from "effect"
import type { Voucher } from "../../../domain/pricing/Voucher.ts"
import { VoucherId } from "../../../domain/shared/Ids.ts"
import { VoucherStore } from "../../../ports/VoucherStore.ts"
import { voucher as vouchers } from "../../Generators.ts"
import { newAttribution, newId, newLabel, sample } from "../Given.ts"

/** Returns a voucher of 10 % without any bound that is not in the store. */
export const newVoucher = Effect.fnUntraced(function* (fields: Partial<Voucher> = {}) {
  const { at } = yield* newAttribution
  const voucher: Voucher = {
    ...(yield* sample(vouchers)),
    id: yield* newId(VoucherId),
    code: yield* newLabel,
    rate: 100_000,
    amount: null,
    currency: null,
    minimum: null,
    startsAt: null,
    endsAt: null,
    uses: null,
    usesLeft: null,
    perCustomer: null,
    createdAt: at,
    updatedAt: at,
    ...fields
  }
  return voucher
})

/** Adds such a voucher. */
export const voucher = (fields: Partial<Voucher> = {}) =>
  Effect.tap(newVoucher(fields), (voucher) => VoucherStore.use((store) => store.add(voucher, undefined)))
