import { Array as Arr, Effect } from "effect"
import type { SqlClient, SqlError, Statement } from "effect/sql"
import type { Advanced } from "../../../domain/orders/AdvanceOrder.ts"
import { codesOf, type Draft } from "../../../domain/orders/PlaceOrder.ts"
import { noVouchers, takenKey, Voucher, type VoucherStock } from "../../../domain/pricing/Voucher.ts"
import type { CustomerId, VoucherId } from "../../../domain/shared/Ids.ts"
import { normalizeKey } from "../../../domain/shared/Text.ts"
import { epochMillis, type Int8, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { stored } from "../idempotency/IdempotencyKeys.ts"

/** Replays return vouchers as a change left them. */
export const storedVouchers = stored(Voucher)

export interface VoucherRow {
  readonly id: VoucherId
  readonly code: string
  readonly name: string
  readonly rate: number | null
  readonly amount: Int8 | null
  readonly currency: string | null
  readonly minimum: Int8 | null
  readonly starts_at: Timestamp | null
  readonly ends_at: Timestamp | null
  readonly active: boolean
  readonly uses: Int8 | null
  readonly uses_left: Int8 | null
  readonly per_customer: number | null
  readonly created_at: Timestamp
  readonly updated_at: Timestamp
}

const toNumber = (value: Int8 | null) => (value === null ? null : Number(value))
const toDateOrNull = (value: Timestamp | null) => (value === null ? null : toDate(value))

export const toVoucher = (row: VoucherRow): Voucher => ({
  id: row.id,
  code: row.code,
  name: row.name,
  rate: row.rate,
  amount: toNumber(row.amount),
  currency: row.currency,
  minimum: toNumber(row.minimum),
  startsAt: toDateOrNull(row.starts_at),
  endsAt: toDateOrNull(row.ends_at),
  active: row.active,
  uses: toNumber(row.uses),
  usesLeft: toNumber(row.uses_left),
  perCustomer: row.per_customer,
  createdAt: toDate(row.created_at),
  updatedAt: toDate(row.updated_at)
})

/** Columns of a `VoucherRow`. */
export const voucherColumns = (sql: SqlClient.SqlClient) =>
  sql.literal(
    [
      "id, code, name, rate, amount, currency, minimum, active, uses, uses_left, per_customer",
      ...["starts_at", "ends_at", "created_at", "updated_at"].map((column) => epochMillis(column))
    ].join(", ")
  )

interface TakenRow {
  readonly voucher_id: VoucherId
  readonly redeemer: CustomerId
  readonly nth: number
}

/** Whether using the voucher changes its row. */
const isBounded = ({ uses_left, per_customer }: VoucherRow) => uses_left !== null || per_customer !== null

/**
 * Reads the vouchers that drafts name, and the uses that their customers have taken. With `lock` it locks those with a
 * bound, in ascending order of ids and after the products, and then reads what is committed. Sends nothing if no draft
 * names a voucher.
 */
export const readVouchers = Effect.map(Database, ({ sql, table }) => {
  const select = (rest: Statement.Fragment) =>
    sql<VoucherRow>`SELECT ${voucherColumns(sql)} FROM ${table.vouchers} ${rest}`

  return Effect.fnUntraced(function* (
    drafts: ReadonlyArray<Draft>,
    { lock }: { readonly lock: boolean }
  ): Effect.fn.Return<VoucherStock, SqlError.SqlError> {
    const codes = [...new Set(drafts.flatMap(codesOf))]
    if (codes.length === 0) return noVouchers
    const named = yield* select(sql`WHERE normalized_code = ANY(${codes}::text[])`)
    const bounded = named.filter(isBounded).map(({ id }) => id)
    const current = new Map(named.map((row) => [row.id, row]))
    if (lock && bounded.length > 0) {
      const locked = yield* select(sql`WHERE id = ANY(${bounded}::uuid[]) ORDER BY id FOR NO KEY UPDATE`)
      for (const row of locked) current.set(row.id, row)
    }
    const limited = [...current.values()].filter(({ per_customer }) => per_customer !== null)
    const customers = [...new Set(drafts.map(({ customerId }) => customerId))]
    const taken =
      limited.length === 0
        ? []
        : yield* sql<TakenRow>`
            SELECT voucher_id, redeemer, nth FROM ${table.redemptions}
            WHERE voucher_id = ANY(${limited.map(({ id }) => id)}::uuid[]) AND redeemer = ANY(${customers}::text[])
              AND released_at IS NULL AND nth IS NOT NULL`
    const byKey = Arr.groupBy(taken, ({ voucher_id, redeemer }) =>
      takenKey({ voucherId: voucher_id, redeemer })
    )
    return {
      vouchers: new Map([...current.values()].map((row) => [normalizeKey(row.code), toVoucher(row)])),
      taken: new Map(Object.entries(byKey).map(([key, rows]) => [key, rows.map(({ nth }) => nth)]))
    }
  })
})

/** Gives back the voucher uses of failed orders, which are locked, as their products are. Once per use. */
export const releaseVouchers = Effect.map(
  Database,
  ({ sql, table }) =>
    (steps: ReadonlyArray<Advanced>): Effect.Effect<void, SqlError.SqlError> => {
      const released = steps.filter((step) => step.released.length > 0)
      const [first] = released
      if (first === undefined) return Effect.void
      const vouchers = [...new Set(released.flatMap((step) => step.released))]
      const orders = released.map(({ order }) => order.id)
      return Effect.andThen(
        sql`
          SELECT FROM ${table.vouchers} WHERE id = ANY(${vouchers}::uuid[]) AND uses_left IS NOT NULL
          ORDER BY id FOR NO KEY UPDATE`,
        sql`
          WITH released AS (
            UPDATE ${table.redemptions} SET released_at = ${first.event.at}
            WHERE order_id = ANY(${orders}::uuid[]) AND released_at IS NULL
            RETURNING voucher_id
          )
          UPDATE ${table.vouchers} v SET uses_left = v.uses_left + r.uses
          FROM (SELECT voucher_id, count(*) AS uses FROM released GROUP BY voucher_id) r
          WHERE v.id = r.voucher_id AND v.uses_left IS NOT NULL`
      )
    }
)
