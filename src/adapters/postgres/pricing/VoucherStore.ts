import { Array as Arr, Effect, Layer, Option } from "effect"
import {
  changeVoucher,
  type Voucher,
  type VoucherChange,
  VoucherCodeTaken,
  VoucherNotFound
} from "../../../domain/pricing/Voucher.ts"
import type { VoucherId } from "../../../domain/shared/Ids.ts"
import { normalizeKey } from "../../../domain/shared/Text.ts"
import { VoucherStore } from "../../../ports/VoucherStore.ts"
import { Database } from "../execution/Database.ts"
import { idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import { storedVouchers, toVoucher, type VoucherRow, voucherColumns } from "./VoucherRecords.ts"

export const PgVoucherStore = Layer.effect(
  VoucherStore,
  Effect.gen(function* () {
    const { sql, table, query, transaction } = yield* Database
    const keys = yield* idempotencyKeys

    const insert = (voucher: Voucher) =>
      sql`
        INSERT INTO ${table.vouchers} (id, code, normalized_code, name, rate, amount, currency, minimum, starts_at, ends_at,
          active, uses, uses_left, per_customer, created_at, updated_at)
        VALUES (${voucher.id}, ${voucher.code}, ${normalizeKey(voucher.code)}, ${voucher.name}, ${voucher.rate},
          ${voucher.amount}, ${voucher.currency}, ${voucher.minimum}, ${voucher.startsAt}, ${voucher.endsAt},
          ${voucher.active}, ${voucher.uses}, ${voucher.usesLeft}, ${voucher.perCustomer}, ${voucher.createdAt},
          ${voucher.updatedAt})
        ON CONFLICT (normalized_code) DO NOTHING
        RETURNING id`.pipe(
        Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new VoucherCodeTaken({ code: voucher.code })),
        Effect.as(voucher)
      )

    const update = Effect.fnUntraced(function* (voucherId: VoucherId, input: VoucherChange, at: Date) {
      const [row] = yield* sql<VoucherRow>`
        SELECT ${voucherColumns(sql)} FROM ${table.vouchers} WHERE id = ${voucherId} FOR NO KEY UPDATE`
      if (row === undefined) return yield* new VoucherNotFound({ voucherId })
      const voucher = yield* Effect.fromResult(changeVoucher(toVoucher(row), input, at))
      yield* sql`
        UPDATE ${table.vouchers}
        SET name = ${voucher.name}, starts_at = ${voucher.startsAt}, ends_at = ${voucher.endsAt}, active = ${voucher.active},
          uses = ${voucher.uses}, uses_left = ${voucher.usesLeft}, updated_at = ${voucher.updatedAt}
        WHERE id = ${voucherId}`
      return voucher
    })

    return VoucherStore.of({
      add: (voucher, idempotency) =>
        transaction(keys.guard(idempotency, voucher.createdAt, insert(voucher), storedVouchers)),

      change: (id, input, at, idempotency) =>
        transaction(keys.guard(idempotency, at, update(id, input, at), storedVouchers)),

      get: (id) =>
        query(
          sql<VoucherRow>`SELECT ${voucherColumns(sql)} FROM ${table.vouchers} WHERE id = ${id}`.pipe(
            Effect.map(Arr.head),
            Effect.map(Option.map(toVoucher))
          )
        ),

      list: (after, take) =>
        query(
          sql<VoucherRow>`
            SELECT ${voucherColumns(sql)}
            FROM ${table.vouchers}
            ${after === undefined ? sql`` : sql`WHERE id < ${after}`}
            ORDER BY id DESC
            LIMIT ${take}`.pipe(Effect.map(Arr.map(toVoucher)))
        )
    })
  })
)
