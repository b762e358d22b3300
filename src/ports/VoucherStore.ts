import { Context, type Effect, type Option } from "effect"
import type { Voucher, VoucherChange, VoucherCodeTaken, VoucherNotFound } from "../domain/pricing/Voucher.ts"
import type {
  IdempotencyClaim,
  IdempotencyKeyReused,
  IdempotentResult
} from "../domain/shared/Idempotency.ts"
import type { VoucherId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Stores vouchers. Their uses are taken and given back by `OrderStore` and `PaymentStore`. */
export class VoucherStore extends Context.Service<
  VoucherStore,
  {
    /**
     * Adds a voucher. Fails with `VoucherCodeTaken` if another voucher has the same `normalizeKey` of the code, or with
     * `IdempotencyKeyReused`.
     */
    readonly add: (
      voucher: Voucher,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<IdempotentResult<Voucher>, VoucherCodeTaken | IdempotencyKeyReused | StoreUnavailable>
    /**
     * Applies `changeVoucher` and stores the voucher.
     *
     * A replay returns the voucher as it was after the first call. Fails with `VoucherNotFound`, `InvalidInput` or
     * `IdempotencyKeyReused`.
     */
    readonly change: (
      id: VoucherId,
      change: VoucherChange,
      at: Date,
      idempotency: IdempotencyClaim | undefined
    ) => Effect.Effect<
      IdempotentResult<Voucher>,
      VoucherNotFound | InvalidInput | IdempotencyKeyReused | StoreUnavailable
    >
    /** Returns a voucher, or none if the id is unknown. */
    readonly get: (id: VoucherId) => Effect.Effect<Option.Option<Voucher>, StoreUnavailable>
    /** Returns up to `take` vouchers before an id, newest first. */
    readonly list: (
      after: VoucherId | undefined,
      take: number
    ) => Effect.Effect<ReadonlyArray<Voucher>, StoreUnavailable>
  }
>()("effect-commerce/ports/VoucherStore") {}
