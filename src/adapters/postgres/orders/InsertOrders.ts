import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Offer } from "../../../domain/catalog/Product.ts"
import type { Placed } from "../../../domain/orders/PlaceOrder.ts"
import type { Redemption } from "../../../domain/pricing/Voucher.ts"
import type { OrderId, ProductId } from "../../../domain/shared/Ids.ts"
import { arrayParameter, nullableParameter } from "../execution/ArrayParameter.ts"
import { Database } from "../execution/Database.ts"
import { sqlState } from "../execution/SqlErrors.ts"
import { type Fulfilment, idempotencyKeys } from "../idempotency/IdempotencyKeys.ts"
import type { DecidedPlacements } from "./DecidePlacements.ts"

/**
 * Recognizes a violated stock constraint. UPDATE evaluates the row version from before the lock wait first, so it
 * may fail although the current row has enough stock.
 */
const isStockViolation = ({ reason }: SqlError.SqlError): boolean =>
  reason._tag === "ConstraintError" && String(reason.cause).includes("products_stock")

/** Division by zero: how a statement undoes itself. No other part of it divides. */
const isUndone = (error: SqlError.SqlError): boolean => sqlState(error) === "22012"

const textOf = (value: number | boolean | null | undefined) =>
  value === null || value === undefined ? null : String(value)

interface InsertOptions {
  readonly lockTimeout?: number
  /** Keys that the statement claims and fulfils. Defaults to none: the transaction has claimed them. */
  readonly claiming?: ReadonlyArray<Fulfilment>
}

interface Use extends Redemption {
  readonly orderId: OrderId
  readonly at: Date
}

/** What is added to the statement if pricing takes part in a batch. Without it the statement has none of it. */
const pricingParts = Effect.map(Database, ({ sql, table }) => {
  const none = {
    orderColumn: sql``,
    orderValue: sql``,
    placedColumn: sql``,
    placedName: sql``,
    takenColumns: sql``,
    takenNames: sql``,
    isUnchanged: sql``,
    writes: sql``
  }

  const usesOf = (uses: ReadonlyArray<Use>) =>
    uses.length === 0
      ? sql``
      : sql`, new_redemptions AS (
          INSERT INTO ${table.redemptions} (order_id, voucher_id, redeemer, nth, at)
          SELECT order_id, voucher_id, redeemer, nullif(nth, '')::int2, at FROM unnest(
            ${uses.map(({ orderId }) => orderId)}::uuid[], ${uses.map(({ voucherId }) => voucherId)}::uuid[],
            ${uses.map(({ redeemer }) => redeemer)}::text[], ${nullableParameter(uses.map(({ nth }) => textOf(nth)))}::text[],
            ${uses.map(({ at }) => at)}::timestamptz[]
          ) AS r (order_id, voucher_id, redeemer, nth, at)
          WHERE (SELECT holds FROM decided)
        ), used AS (
          SELECT voucher_id AS id, count(*) AS uses FROM unnest(${uses.map(({ voucherId }) => voucherId)}::uuid[]) AS u (voucher_id)
          GROUP BY voucher_id
        ), new_uses AS (
          UPDATE ${table.vouchers} v SET uses_left = v.uses_left - used.uses FROM used
          WHERE v.id = used.id AND (v.uses_left IS NOT NULL OR v.per_customer IS NOT NULL) AND (SELECT holds FROM decided)
        )`

  return (placed: ReadonlyArray<Placed>, taken: ReadonlyArray<Offer>, isPriced: boolean): typeof none => {
    if (!isPriced) return none
    const figures = placed.flatMap(({ order }) =>
      (order.adjustments ?? []).map((figure, position) => ({ ...figure, orderId: order.id, position }))
    )
    const uses = placed.flatMap(({ order, redemptions }) =>
      redemptions.map((redemption) => ({ ...redemption, orderId: order.id, at: order.createdAt }))
    )
    const counts = placed.map(({ order }) => order.adjustments?.length ?? 0)
    return {
      orderColumn: sql`, adjustments`,
      orderValue: sql`, nullif(adjustments, 0)`,
      placedColumn: sql`, ${counts}::int2[]`,
      placedName: sql`, adjustments`,
      takenColumns: sql`, ${taken.map(({ categoryId }) => categoryId)}::uuid[],
            ${nullableParameter(taken.map(({ taxClass }) => taxClass ?? null))}::text[]`,
      takenNames: sql`, category_id, tax_class`,
      isUnchanged: sql`
            AND p.category_id = t.category_id AND p.tax_class IS NOT DISTINCT FROM nullif(t.tax_class, '')`,
      writes: sql`, new_adjustments AS (
          INSERT INTO ${table.order_adjustments}
            (order_id, position, kind, code, name, amount, voucher_id, rate, included, shares)
          SELECT order_id, position, kind, code, name, amount, nullif(voucher_id, '')::uuid, nullif(rate, '')::int4,
            nullif(included, '')::bool, nullif(shares, '')::int8[]
          FROM unnest(
            ${figures.map(({ orderId }) => orderId)}::uuid[], ${figures.map(({ position }) => position)}::int2[],
            ${figures.map(({ kind }) => kind)}::text[], ${figures.map(({ code }) => code)}::text[],
            ${figures.map(({ name }) => name)}::text[], ${arrayParameter(figures.map(({ amount }) => amount.amount))}::int8[],
            ${nullableParameter(figures.map(({ voucherId }) => voucherId ?? null))}::text[],
            ${nullableParameter(figures.map(({ rate }) => textOf(rate)))}::text[],
            ${nullableParameter(figures.map(({ included }) => textOf(included)))}::text[],
            ${nullableParameter(figures.map(({ shares }) => (shares === undefined ? null : `{${shares.join()}}`)))}::text[]
          ) AS a (order_id, position, kind, code, name, amount, voucher_id, rate, included, shares)
          WHERE (SELECT holds FROM decided)
        )${usesOf(uses)}`
    }
  }
})

/** What is added to a statement that waits for locks for a bounded time, and to one that claims keys. */
const guardParts = Effect.map(Effect.all([Database, idempotencyKeys]), ([{ sql }, keys]) => {
  return (fulfilled: ReadonlyArray<Fulfilment>, at: Date, lockTimeout: number | undefined) => {
    // PostgreSQL evaluates this uncorrelated subquery once, before it locks any row.
    const withLockTimeout =
      lockTimeout === undefined
        ? sql``
        : sql`WHERE (SELECT set_config('lock_timeout', ${`${lockTimeout}ms`}, true)) IS NOT NULL`
    if (fulfilled.length === 0) return { claims: sql``, isLocked: withLockTimeout, result: sql`holds` }
    return {
      claims: sql`claims AS (${keys.insertFulfilled(fulfilled, at, withLockTimeout)}), `,
      isLocked: sql`WHERE (SELECT count(*) FROM claims) = ${fulfilled.length}`,
      // A claim that stays would be a key without an order, so the statement is undone if the orders are not written.
      result: sql`CASE WHEN holds THEN true ELSE 1 / holds::int > 0 END`
    }
  }
})

/**
 * Writes placed orders, items, first events, adjustments and voucher uses, and subtracts the stock, in one statement.
 *
 * Returns false and writes nothing if a locked product differs from the one that was decided on, or lacks stock, or if a key of
 * `claiming` is there already. `lockTimeout` (ms) bounds the wait for locks.
 */
export const insertOrders = Effect.map(
  Effect.all([Database, pricingParts, guardParts]),
  ([{ sql, table }, pricingOf, guardOf]) =>
    (
      { placed, unitsTaken, isPriced }: Pick<DecidedPlacements, "placed" | "unitsTaken" | "isPriced">,
      products: ReadonlyMap<ProductId, Offer>,
      { lockTimeout, claiming = [] }: InsertOptions = {}
    ): Effect.Effect<boolean, SqlError.SqlError> => {
      const [first] = placed
      if (first === undefined) return Effect.succeed(true)
      const orders = placed.map(({ order }) => order)
      const items = orders.flatMap((order) =>
        order.items.map((item, position) => ({ ...item, orderId: order.id, position }))
      )
      const taken = [...products.values()].filter(({ id }) => unitsTaken.has(id))
      const units = taken.map(({ id }) => unitsTaken.get(id) ?? 0)
      const pricing = pricingOf(placed, taken, isPriced)
      const guard = guardOf(claiming, first.order.createdAt, lockTimeout)
      const statement = sql<{ readonly unchanged: boolean }>`
        WITH ${guard.claims}placed AS (
          SELECT * FROM unnest(
            ${orders.map(({ id }) => id)}::uuid[], ${orders.map(({ customerId }) => customerId)}::text[],
            ${orders.map(({ total }) => total.currency)}::text[],
            ${arrayParameter(orders.map(({ total }) => total.amount))}::int8[],
            ${orders.map(({ metadata }) => JSON.stringify(metadata))}::text[],
            ${orders.map(({ createdAt }) => createdAt)}::timestamptz[], ${placed.map(({ event }) => event.actor)}::text[]${pricing.placedColumn}
          ) AS o (id, customer_id, currency, total, metadata, at, actor${pricing.placedName})
        ), taken AS (
          SELECT * FROM unnest(
            ${taken.map(({ id }) => id)}::uuid[], ${units}::int8[], ${taken.map(({ name }) => name)}::text[],
            ${nullableParameter(taken.map(({ sku }) => sku))}::text[], ${taken.map(({ price }) => price.currency)}::text[],
            ${arrayParameter(taken.map(({ price }) => price.amount))}::int8[]${pricing.takenColumns}
          ) AS t (id, units, name, sku, currency, price${pricing.takenNames})
        ), locked AS MATERIALIZED (
          SELECT p.active AND p.stock >= t.units AND p.name = t.name
            AND p.sku IS NOT DISTINCT FROM nullif(t.sku, '') AND p.currency = t.currency AND p.price = t.price${pricing.isUnchanged} AS holds
          FROM ${table.products} p JOIN taken t ON t.id = p.id ${guard.isLocked}
          ORDER BY p.id FOR NO KEY UPDATE OF p
        ), decided AS MATERIALIZED (
          SELECT count(*) FILTER (WHERE holds) = ${taken.length} AS holds FROM locked
        ), new_orders AS (
          INSERT INTO ${table.orders}
            (id, customer_id, status, currency, total, metadata, version, created_at, updated_at${pricing.orderColumn})
          SELECT id, customer_id, ${first.order.status}, currency, total, metadata::jsonb, 1, at, at${pricing.orderValue}
          FROM placed WHERE (SELECT holds FROM decided)
        ), new_items AS (
          INSERT INTO ${table.order_items}
            (order_id, position, product_id, name, sku, unit_price, quantity, total)
          SELECT order_id, position, product_id, name, nullif(sku, ''), unit_price, quantity, total FROM unnest(
            ${items.map(({ orderId }) => orderId)}::uuid[], ${items.map(({ position }) => position)}::int2[],
            ${items.map(({ productId }) => productId)}::uuid[], ${items.map(({ name }) => name)}::text[],
            ${nullableParameter(items.map(({ sku }) => sku))}::text[], ${arrayParameter(items.map(({ unitPrice }) => unitPrice.amount))}::int8[],
            ${items.map(({ quantity }) => quantity)}::int8[], ${arrayParameter(items.map(({ total }) => total.amount))}::int8[]
          ) AS i (order_id, position, product_id, name, sku, unit_price, quantity, total)
          WHERE (SELECT holds FROM decided)
        ), new_events AS (
          INSERT INTO ${table.order_events} (order_id, sequence, event, from_status, to_status, at, actor)
          SELECT id, ${first.event.sequence}, ${first.event.event}, ${first.event.from}, ${first.event.to}, at, actor
          FROM placed WHERE (SELECT holds FROM decided)
        ), new_stock AS (
          UPDATE ${table.products} p SET stock = p.stock - taken.units FROM taken
          WHERE p.id = taken.id AND (SELECT holds FROM decided)
        )${pricing.writes}
        SELECT ${guard.result} AS unchanged FROM decided`
      return statement.pipe(
        Effect.map(([row]) => row?.unchanged === true),
        Effect.catchIf(
          (error) => isStockViolation(error) || (claiming.length > 0 && isUndone(error)),
          () => Effect.succeed(false)
        )
      )
    }
)
