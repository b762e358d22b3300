import { Effect, identity, Layer, Option, Result } from "effect"
import {
  changeVoucher,
  type Redemption,
  takenKey,
  VoucherCodeTaken,
  VoucherNotFound,
  type VoucherStock
} from "../../domain/pricing/Voucher.ts"
import type { OrderId, VoucherId } from "../../domain/shared/Ids.ts"
import { normalizeKey } from "../../domain/shared/Text.ts"
import { VoucherStore } from "../../ports/VoucherStore.ts"
import { MemoryState, type MemoryTables, withIdempotency } from "./MemoryState.ts"
import { MemoryTransactions } from "./MemoryTransactions.ts"

export const MemoryVoucherStore = Layer.effect(
  VoucherStore,
  Effect.map(Effect.all([MemoryState, MemoryTransactions]), ([state, transactions]) =>
    transactions.transactional<VoucherStore["Service"]>({
      add: (voucher, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          voucher.createdAt,
          () => {
            const key = normalizeKey(voucher.code)
            const taken = state.vouchers.values().some(({ code }) => normalizeKey(code) === key)
            if (taken) return Result.fail(new VoucherCodeTaken({ code: voucher.code }))
            state.vouchers.set(voucher.id, voucher)
            return Result.succeed(voucher)
          },
          identity
        ),

      change: (voucherId, input, at, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          at,
          () =>
            Result.gen(function* () {
              const known = state.vouchers.get(voucherId)
              if (known === undefined) return yield* Result.fail(new VoucherNotFound({ voucherId }))
              const voucher = yield* changeVoucher(known, input, at)
              state.vouchers.set(voucherId, voucher)
              return voucher
            }),
          identity
        ),

      get: (id) => Effect.sync(() => Option.fromUndefinedOr(state.vouchers.get(id))),

      list: (after, take) =>
        Effect.sync(() =>
          [...state.vouchers.values()]
            .filter(({ id }) => after === undefined || id < after)
            .sort((a, b) => (a.id < b.id ? 1 : -1))
            .slice(0, take)
        )
    })
  )
)

/** Returns the vouchers, and the uses that customers have taken of them. */
export const voucherStock = ({ vouchers, redemptions }: MemoryTables): VoucherStock => {
  const taken = new Map<string, ReadonlyArray<number>>()
  for (const redemption of redemptions.values()) {
    if (redemption.released || redemption.nth === null) continue
    const key = takenKey(redemption)
    taken.set(key, [...(taken.get(key) ?? []), redemption.nth])
  }
  return {
    vouchers: new Map(vouchers.values().map((voucher) => [normalizeKey(voucher.code), voucher])),
    taken
  }
}

const addUses = (state: MemoryTables, voucherId: VoucherId, uses: number) => {
  const voucher = state.vouchers.get(voucherId)
  if (voucher !== undefined && voucher.usesLeft !== null) {
    state.vouchers.set(voucherId, { ...voucher, usesLeft: voucher.usesLeft + uses })
  }
}

const redemptionKey = (orderId: OrderId, voucherId: VoucherId) => `${orderId} ${voucherId}`

/** Takes the voucher uses of an order. */
export const takeVouchers = (
  state: MemoryTables,
  orderId: OrderId,
  redemptions: ReadonlyArray<Redemption>
): void => {
  for (const redemption of redemptions) {
    addUses(state, redemption.voucherId, -1)
    state.redemptions.set(redemptionKey(orderId, redemption.voucherId), {
      ...redemption,
      orderId,
      released: false
    })
  }
}

/** Gives back the voucher uses of an order. */
export const releaseVouchers = (
  state: MemoryTables,
  orderId: OrderId,
  vouchers: ReadonlyArray<VoucherId>
): void => {
  for (const voucherId of vouchers) {
    const key = redemptionKey(orderId, voucherId)
    const redemption = state.redemptions.get(key)
    if (redemption === undefined || redemption.released) continue
    state.redemptions.set(key, { ...redemption, released: true })
    addUses(state, voucherId, 1)
  }
}
