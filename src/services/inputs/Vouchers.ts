import { Schema } from "effect"
import { NewVoucher, VoucherQuery, voucherChangeFields } from "../../domain/pricing/Voucher.ts"
import { VoucherId } from "../../domain/shared/Ids.ts"
import { decodeCall, decodeInput } from "./Decode.ts"
import { ChangeFields, type ChangeOptions } from "./Options.ts"
import type { PageInput } from "./Shared.ts"

/** What a voucher is created with: either a rate or an amount. */
export interface CreateVoucherInput {
  /** What customers enter, 1 to 100 characters. Unique, ignoring case. Fails with `VoucherCodeTaken` and with `InvalidInput`. */
  readonly code: string
  /** What the receipt says, 1 to 200 characters. Fails with `InvalidInput`. */
  readonly name: string
  /** The discount in millionths, 1 to 1000000: 100000 is 10 %. Defaults to none. Fails with `InvalidInput`. */
  readonly rate?: number | undefined
  /** The discount in minor units of `currency`, at least 1. Defaults to none. Fails with `InvalidInput`. */
  readonly amount?: number | undefined
  /** The only currency of orders, an ISO 4217 code. Required with `amount` and `minimum`. Defaults to any. Fails with `InvalidInput`. */
  readonly currency?: string | undefined
  /** The value of the items at list price from which it is valid, in minor units of `currency`. Defaults to none. Fails with `InvalidInput`. */
  readonly minimum?: number | undefined
  /** When it becomes valid. Defaults to its creation. Fails with `InvalidInput`. */
  readonly startsAt?: Date | undefined
  /** When it is no longer valid. Defaults to never. Fails with `InvalidInput`. */
  readonly endsAt?: Date | undefined
  /** The number of uses in all, 1 to 10^12. Defaults to no limit, for good. Fails with `InvalidInput`. */
  readonly uses?: number | undefined
  /** The number of uses per customer, 1 to 1000. Defaults to no limit. Fails with `InvalidInput`. */
  readonly perCustomer?: number | undefined
}

/** What to change of a voucher. A member that is absent or `undefined` stays as it is. */
export interface ChangeVoucherInput {
  /** The id of the voucher, a UUID. Fails with `VoucherNotFound`. */
  readonly voucherId: string
  /** 1 to 200 characters. Defaults to the present name. Fails with `InvalidInput`. */
  readonly name?: string | undefined
  /** When it becomes valid; `null` for at once. Defaults to the present time. Fails with `InvalidInput`. */
  readonly startsAt?: Date | null | undefined
  /** When it is no longer valid; `null` for never. Defaults to the present time. Fails with `InvalidInput`. */
  readonly endsAt?: Date | null | undefined
  /** Whether it can be used. Defaults to what it is. */
  readonly active?: boolean | undefined
  /** The number of uses in all, those that orders have taken included. Defaults to the present number. Fails with `InvalidInput`. */
  readonly uses?: number | undefined
}

/** The page of vouchers to list. */
export interface VoucherQueryInput extends PageInput {}

export const decodeCreateVoucher = decodeCall<CreateVoucherInput, ChangeOptions>()(NewVoucher, ChangeFields)
export const decodeChangeVoucher = decodeCall<ChangeVoucherInput, ChangeOptions>()(
  Schema.Struct({ voucherId: VoucherId, ...voucherChangeFields }),
  ChangeFields
)
export const decodeVoucherId = decodeInput<string>()(VoucherId)
export const decodeVoucherQuery = decodeInput<VoucherQueryInput>()(VoucherQuery)
