import { Struct } from "effect"
import type { Statement } from "effect/sql"
import type { Invariant } from "../../../domain/operations/Invariants.ts"
import { lifecycle, statusesThatCountAs } from "../../../domain/orders/Lifecycle.ts"
import { askedFor } from "../../../domain/payments/PaymentOperation.ts"
import type { Operation } from "../../../domain/shared/Idempotency.ts"
import { nullableParameter } from "../execution/ArrayParameter.ts"
import type { Database } from "../execution/Database.ts"
import { isOfTheFuture } from "../schema/FeedEpoch.ts"

/** What each operation creates or changes. */
const resources: Record<Operation, "order" | "payment" | "operation" | "category" | "product" | "voucher"> = {
  "place order": "order",
  "ship order": "order",
  "complete order": "order",
  "expire order": "order",
  "cancel order": "order",
  "return items": "order",
  "move order": "order",
  "pay order": "payment",
  "record outcome": "payment",
  "capture payment": "operation",
  "void payment": "operation",
  "refund payment": "operation",
  "record operation": "operation",
  "record operation outcome": "operation",
  "create category": "category",
  "rename category": "category",
  "create product": "product",
  "change product": "product",
  "adjust stock": "product",
  "create voucher": "voucher",
  "change voucher": "voucher"
}

const operationsOn = (resource: string) =>
  Struct.keys(resources).filter((operation) => resources[operation] === resource)

/** Operations that can succeed more than once on one resource, each time with another key. */
const sharing: ReadonlyArray<Operation> = [
  "ship order",
  "cancel order",
  "return items",
  "move order",
  "record outcome",
  "record operation outcome",
  "rename category",
  "change product",
  "adjust stock",
  "change voucher"
]

/** Query of the rows that violate each invariant. `at` is the present time. Each query reads a table at most a few times, and in full. */
export const integrityQueries = (
  { sql, table, relative }: Database["Service"],
  at: Date
): Record<Invariant, Statement.Statement<{ id: string; detail: string }>> => {
  const isUnanswered = sql`status = 'PENDING' AND created_at < ${relative(new Date(at.getTime() - askedFor), at)}`
  const paid = [...statusesThatCountAs("revenue"), ...statusesThatCountAs("in transit")]
  return {
    stock: sql`
      WITH sold AS (
        SELECT i.product_id, sum(i.quantity - CASE WHEN o.units IS NULL THEN 0
          ELSE (o.units -> i.position -> 1)::int8 + (o.units -> i.position -> 3)::int8 END) AS units
        FROM ${table.order_items} i JOIN ${table.orders} o ON o.id = i.order_id
        WHERE o.status NOT IN ('FAILED', 'CANCELLED') GROUP BY i.product_id
      ), adjusted AS (
        SELECT product_id, sum(delta) AS units FROM ${table.stock_adjustments} GROUP BY product_id
      )
      SELECT coalesce(p.id, h.product_id)::text AS id, format('stock %s, in orders %s, received_total %s, adjustments %s',
        coalesce(p.stock::text, 'of no product'), coalesce(h.units, 0), coalesce(p.received_total, 0), coalesce(a.units, 0)) AS detail
      FROM ${table.products} p
      FULL JOIN sold h ON h.product_id = p.id
      LEFT JOIN adjusted a ON a.product_id = p.id
      WHERE p.id IS NULL OR p.stock < 0 OR p.received_total <> coalesce(a.units, 0)
        OR p.stock + coalesce(h.units, 0) <> coalesce(a.units, 0)`,

    total: sql`
      WITH items AS (
        SELECT order_id, count(*) AS lines, sum(unit_price * quantity) AS total,
          bool_and(total = unit_price * quantity) AS exact
        FROM ${table.order_items} GROUP BY order_id
      ), figures AS (
        SELECT order_id, count(*) AS figures, bool_and(CASE WHEN shares IS NULL THEN kind = 'fee'
            ELSE amount = (SELECT sum(share) FROM unnest(shares) AS s (share)) END) AS exact,
          sum(CASE WHEN kind = 'discount' THEN -amount WHEN included THEN 0 ELSE amount END) AS total
        FROM ${table.order_adjustments} GROUP BY order_id
      ), discounts AS (
        SELECT order_id, line - 1 AS line, sum(share) AS amount
        FROM ${table.order_adjustments}, unnest(shares) WITH ORDINALITY AS s (share, line)
        WHERE kind = 'discount' GROUP BY order_id, line
      ), excessive AS (
        SELECT DISTINCT d.order_id FROM discounts d
        JOIN items n ON n.order_id = d.order_id
        LEFT JOIN ${table.order_items} i ON i.order_id = d.order_id AND i.position = d.line
        LEFT JOIN ${table.order_adjustments} f
          ON f.order_id = d.order_id AND f.kind = 'fee' AND f.position = d.line - n.lines
        WHERE d.amount > coalesce(i.total, f.amount, 0)
      )
      SELECT coalesce(o.id, i.order_id, f.order_id)::text AS id, format('total %s, items %s, adjustments %s in %s of %s%s',
        coalesce(o.total::text, 'of no order'), coalesce(i.total::text, 'none'), coalesce(f.total, 0),
        coalesce(f.figures, 0), coalesce(o.adjustments, 0),
        CASE WHEN e.order_id IS NULL THEN '' ELSE ', discounts of more than a line' END) AS detail
      FROM ${table.orders} o
      FULL JOIN items i ON i.order_id = o.id
      FULL JOIN figures f ON f.order_id = coalesce(o.id, i.order_id)
      LEFT JOIN excessive e ON e.order_id = o.id
      WHERE i.order_id IS NULL OR o.id IS NULL OR i.total + coalesce(f.total, 0) <> o.total OR NOT i.exact
        OR f.figures IS DISTINCT FROM o.adjustments OR NOT f.exact OR e.order_id IS NOT NULL`,

    history: sql`
      WITH legal AS (
        SELECT event, nullif(from_status, '') AS from_status, to_status FROM unnest(
          ${lifecycle.map(({ event }) => event)}::text[], ${nullableParameter(lifecycle.map(({ from }) => from))}::text[],
          ${lifecycle.map(({ to }) => to)}::text[]
        ) AS l (event, from_status, to_status)
      ), steps AS (
        SELECT e.order_id, e.to_status,
          l.event IS NOT NULL AND e.sequence = row_number() OVER w
            AND e.from_status IS NOT DISTINCT FROM lag(e.to_status) OVER w AS follows,
          lead(e.sequence) OVER w IS NULL AS is_last
        FROM ${table.order_events} e
        LEFT JOIN legal l ON l.event = e.event AND l.to_status = e.to_status
          AND l.from_status IS NOT DISTINCT FROM e.from_status
        WINDOW w AS (PARTITION BY e.order_id ORDER BY e.sequence)
      ), histories AS (
        SELECT order_id, count(*) AS events, bool_and(follows) AS legal,
          max(to_status) FILTER (WHERE is_last) AS status
        FROM steps GROUP BY order_id
      )
      SELECT coalesce(o.id, h.order_id)::text AS id, format('status %s, version %s, history of %s to %s, %s',
        coalesce(o.status, 'of no order'), coalesce(o.version, 0),
        coalesce(h.events, 0), coalesce(h.status, 'nothing'),
        CASE WHEN h.legal THEN 'legal' ELSE 'not legal' END) AS detail
      FROM ${table.orders} o FULL JOIN histories h ON h.order_id = o.id
      WHERE h.order_id IS NULL OR o.id IS NULL OR NOT h.legal OR h.events <> o.version OR h.status <> o.status`,

    feed: sql`
      SELECT order_id::text AS id, format('event %s: epoch %s of %s, transaction %s, after epoch %s, transaction %s',
        sequence, epoch, newest, xid, coalesce(earlier_epoch, 0), coalesce(earlier_xid::text, 'none')) AS detail
      FROM (SELECT max(epoch) AS newest FROM ${table.feed_epochs}) epochs, (
        SELECT order_id, sequence, epoch, xid, lag(epoch) OVER w AS earlier_epoch, lag(xid) OVER w AS earlier_xid
        FROM ${table.order_events} WINDOW w AS (PARTITION BY order_id ORDER BY sequence)
      ) e
      WHERE epoch > newest OR (epoch, xid) < (earlier_epoch, earlier_xid)
        OR epoch = newest AND ${sql.literal(isOfTheFuture)}`,

    operation: sql`
      SELECT p.id::text, format('status %s, amount %s, captured %s, refunded %s; captures and voids %s of %s, refunds %s', p.status,
        p.amount, p.captured, p.refunded, coalesce(m.ends, 0), m.end_amount, coalesce(m.refunds, 0)) AS detail
      FROM ${table.payments} p
      LEFT JOIN (
        SELECT payment_id, count(*) FILTER (WHERE kind IN ('capture', 'void')) AS ends,
          min(kind) FILTER (WHERE kind IN ('capture', 'void')) AS end_kind,
          min(status) FILTER (WHERE kind IN ('capture', 'void')) AS end_status,
          min(amount) FILTER (WHERE kind IN ('capture', 'void')) AS end_amount,
          sum(amount) FILTER (WHERE kind = 'refund') AS refunds
        FROM ${table.payment_operations} WHERE status IN ('PENDING', 'APPROVED') GROUP BY payment_id
      ) m ON m.payment_id = p.id
      WHERE m.ends > 1 OR coalesce(m.refunds, 0) <> coalesce(p.refunded, 0)
        OR m.refunds > CASE p.status WHEN 'APPROVED' THEN coalesce(p.captured, p.amount) ELSE 0 END
        OR m.end_kind = 'capture' AND m.end_status = 'APPROVED' AND m.end_amount <> coalesce(p.captured, p.amount)
        OR p.captured IS NOT NULL AND m.end_kind IS DISTINCT FROM 'capture'
        OR m.ends = 1 AND p.status <> CASE WHEN m.end_status = 'PENDING' THEN 'PENDING'
          WHEN m.end_kind = 'capture' THEN 'APPROVED' ELSE 'CANCELLED' END
        OR m.ends = 1 AND p.authorized_at IS NULL`,

    payment: sql`
      SELECT o.id::text, format('status %s, total %s %s, approved payments %s of %s %s, pending %s', o.status,
        o.total, o.currency, coalesce(p.approved, 0), p.amount, p.currency, coalesce(p.pending, 0)) AS detail
      FROM ${table.orders} o
      LEFT JOIN (
        SELECT order_id, count(*) FILTER (WHERE status = 'APPROVED') AS approved,
          count(*) FILTER (WHERE status = 'PENDING') AS pending,
          min(coalesce(captured, amount)) FILTER (WHERE status = 'APPROVED') AS amount,
          bool_or(status = 'PENDING' AND authorized_at IS NOT NULL AND EXISTS (
            SELECT FROM ${table.payment_operations} m WHERE m.payment_id = own.id AND m.kind = 'void'
              AND m.status IN ('PENDING', 'APPROVED'))) AS voided,
          min(currency) FILTER (WHERE status = 'APPROVED') AS currency
        FROM ${table.payments} own GROUP BY order_id
      ) p ON p.order_id = o.id
      LEFT JOIN (
        SELECT order_id, count(*) AS charges FROM ${table.order_events}
        WHERE event IN ('paid', 'charged-late') GROUP BY order_id
      ) e ON e.order_id = o.id
      WHERE CASE WHEN o.status = ANY(${paid}::text[])
          THEN p.approved IS DISTINCT FROM 1 OR p.currency <> o.currency
            OR p.amount NOT BETWEEN coalesce(o.current_total, o.total) AND o.total
          ELSE p.approved > CASE o.status WHEN 'CREATED' THEN 0 ELSE 1 END END
        OR coalesce(p.approved, 0) <> coalesce(e.charges, 0)
        OR p.pending > CASE WHEN o.status = 'CREATED' OR o.status = 'CANCELLED' AND p.voided THEN 1 ELSE 0 END`,

    outcome: sql`
      SELECT id::text, format('payment of order %s, pending since %s', order_id, created_at) AS detail
      FROM ${table.payments} WHERE ${isUnanswered} AND authorized_at IS NULL
      UNION ALL
      SELECT id::text, format('%s of order %s, pending since %s', kind, order_id, created_at)
      FROM ${table.payment_operations} WHERE ${isUnanswered}`,

    units: sql`
      WITH lines AS (
        SELECT order_id, position::int4 AS line, quantity, product_id, NULL::text AS fee, total AS price
        FROM ${table.order_items}
        UNION ALL
        SELECT a.order_id, (n.lines + a.position)::int4, 1, NULL, a.code, a.amount
        FROM ${table.order_adjustments} a
        JOIN (SELECT order_id, count(*) AS lines FROM ${table.order_items} GROUP BY order_id) n USING (order_id)
        WHERE a.kind = 'fee'
      ), named AS (
        SELECT e.order_id, x.product_id, x.fee,
          coalesce(sum(x.quantity) FILTER (WHERE e.event = 'shipped'), 0) AS shipped,
          coalesce(sum(x.quantity) FILTER (WHERE e.event = 'cancelled'), 0) AS cancelled,
          coalesce(sum(x.quantity) FILTER (WHERE e.event = 'returned'), 0) AS returned, sum(x.restocked) AS restocked
        FROM ${table.order_events} e, LATERAL (
          SELECT (item ->> 'productId')::uuid AS product_id, NULL::text AS fee, (item ->> 'quantity')::int8 AS quantity,
            coalesce((item ->> 'restocked')::int8, 0) AS restocked
          FROM jsonb_array_elements(e.details -> 'items') AS i (item)
          UNION ALL SELECT NULL, fee, 1, 0 FROM jsonb_array_elements_text(e.details -> 'fees') AS f (fee)
        ) x
        WHERE e.details IS NOT NULL GROUP BY e.order_id, x.product_id, x.fee
      ), moved AS (
        SELECT o.id, o.status, jsonb_array_length(o.units) AS counted, l.line, l.quantity, l.price,
          CASE WHEN o.units IS NULL THEN CASE WHEN o.status IN ('SHIPPED', 'COMPLETED') THEN l.quantity ELSE 0 END
            ELSE (o.units -> l.line -> 0)::int8 END AS shipped,
          CASE WHEN o.units IS NULL THEN CASE o.status WHEN 'CANCELLED' THEN l.quantity ELSE 0 END
            ELSE (o.units -> l.line -> 1)::int8 END AS cancelled,
          coalesce((o.units -> l.line -> 2)::int8, 0) AS returned,
          coalesce((o.units -> l.line -> 3)::int8, 0) AS restocked,
          coalesce(n.shipped, 0) AS named_shipped, coalesce(n.cancelled, 0) AS named_cancelled,
          coalesce(n.returned, 0) AS named_returned, coalesce(n.restocked, 0) AS named_restocked
        FROM ${table.orders} o JOIN lines l ON l.order_id = o.id
        LEFT JOIN named n ON n.order_id = o.id AND n.product_id IS NOT DISTINCT FROM l.product_id
          AND n.fee IS NOT DISTINCT FROM l.fee
        WHERE o.units IS NOT NULL OR o.status = 'CANCELLED' OR n.order_id IS NOT NULL OR o.current_total IS NOT NULL
      ), sound AS (
        SELECT id, coalesce(min(counted), count(*)) = count(*) AND bool_and(coalesce(
            shipped + cancelled <= quantity AND returned <= shipped AND restocked <= returned
            AND (status NOT IN ('SHIPPED', 'COMPLETED', 'CANCELLED') OR shipped + cancelled = quantity)
            AND returned = named_returned AND restocked = named_restocked
            AND CASE WHEN status IN ('SHIPPED', 'COMPLETED') THEN shipped >= named_shipped ELSE shipped = named_shipped END
            AND CASE status WHEN 'CANCELLED' THEN cancelled >= named_cancelled ELSE cancelled = named_cancelled END, false
          )) AS is_sound, bool_or(cancelled + returned > 0) AS is_reduced
        FROM moved GROUP BY id
      ), components AS (
        SELECT m.id, m.quantity, m.cancelled + m.returned AS gone, m.price - coalesce((
          SELECT sum(a.shares[m.line + 1]) FROM ${table.order_adjustments} a
          WHERE a.order_id = m.id AND a.kind = 'discount'), 0) AS amount
        FROM moved m
        UNION ALL
        SELECT m.id, m.quantity, m.cancelled + m.returned, a.shares[m.line + 1]
        FROM moved m JOIN ${table.order_adjustments} a ON a.order_id = m.id AND a.kind = 'tax' AND NOT a.included
      ), worth AS (
        SELECT id, sum(floor((2 * amount::numeric * gone + quantity) / (2 * quantity))) AS gone
        FROM components GROUP BY id
      )
      SELECT o.id::text, format('status %s, units %s, current total %s of %s%s', o.status, coalesce(o.units::text, 'none'),
        coalesce(o.current_total::text, 'none'), o.total, CASE WHEN s.is_sound THEN '' ELSE ', not what the events have moved' END) AS detail
      FROM ${table.orders} o JOIN sound s USING (id) JOIN worth w USING (id)
      WHERE NOT s.is_sound OR o.current_total IS DISTINCT FROM CASE WHEN s.is_reduced THEN o.total - w.gone END`,

    stage: sql`
      WITH entered AS (
        SELECT order_id, max(sequence) FILTER (WHERE from_status IS DISTINCT FROM to_status) AS status,
          max(sequence) FILTER (WHERE event = 'stage-changed') AS stage
        FROM ${table.order_events} GROUP BY order_id
      )
      SELECT o.id::text, format('stage %s, last moved to %s', coalesce(o.stage, 'none'),
        coalesce(e.details ->> 'stage', 'none')) AS detail
      FROM ${table.orders} o JOIN entered n ON n.order_id = o.id
      LEFT JOIN ${table.order_events} e ON e.order_id = o.id AND e.sequence = n.stage AND n.stage > n.status
      WHERE o.stage IS DISTINCT FROM e.details ->> 'stage'`,

    voucher: sql`
      WITH uses AS (
        SELECT coalesce(r.voucher_id, d.voucher_id) AS voucher_id,
          count(*) FILTER (WHERE r.order_id IS NOT NULL AND r.released_at IS NULL) AS taken,
          max(r.nth) FILTER (WHERE r.released_at IS NULL) AS highest,
          bool_and(r.order_id IS NOT NULL AND d.order_id IS NOT NULL AND o.id IS NOT NULL
            AND (r.released_at IS NOT NULL) = (o.status IN ('FAILED', 'CANCELLED'))) AS sound
        FROM ${table.redemptions} r
        FULL JOIN (
          SELECT DISTINCT order_id, voucher_id FROM ${table.order_adjustments} WHERE voucher_id IS NOT NULL
        ) d ON d.order_id = r.order_id AND d.voucher_id = r.voucher_id
        LEFT JOIN ${table.orders} o ON o.id = coalesce(r.order_id, d.order_id)
        GROUP BY coalesce(r.voucher_id, d.voucher_id)
      )
      SELECT coalesce(v.id, u.voucher_id)::text AS id, format('uses %s, left %s, in orders %s%s',
        CASE WHEN v.id IS NULL THEN 'of no voucher' ELSE coalesce(v.uses::text, 'without a limit') END, v.uses_left,
        coalesce(u.taken, 0), CASE WHEN u.sound THEN '' ELSE ', which do not match the orders' END) AS detail
      FROM ${table.vouchers} v FULL JOIN uses u ON u.voucher_id = v.id
      WHERE v.id IS NULL OR NOT u.sound OR v.uses_left + coalesce(u.taken, 0) <> v.uses
        OR u.highest >= v.per_customer`,

    key: sql`
      WITH keys AS (
        SELECT *, operation <> ALL(${sharing}::text[]) AND resource_id IS NOT NULL
          AND count(*) OVER (PARTITION BY operation, resource_id) > 1 AS shared
        FROM ${table.idempotency_keys}
      )
      SELECT concat_ws(' / ', k.scope, k.operation, k.key) AS id, CASE
        WHEN k.shared THEN 'another key has the same effect' ELSE 'the resource does not exist' END AS detail
      FROM keys k
      WHERE k.shared OR k.fingerprint IS NULL OR NOT CASE
        WHEN k.operation = ANY(${operationsOn("order")}::text[])
          THEN EXISTS (SELECT FROM ${table.orders} o WHERE o.id = k.resource_id)
        WHEN k.operation = ANY(${operationsOn("payment")}::text[])
          THEN EXISTS (SELECT FROM ${table.payments} p WHERE p.id = k.resource_id)
        WHEN k.operation = ANY(${operationsOn("operation")}::text[])
          THEN EXISTS (SELECT FROM ${table.payment_operations} m WHERE m.id = k.resource_id)
        WHEN k.operation = ANY(${operationsOn("category")}::text[])
          THEN EXISTS (SELECT FROM ${table.categories} c WHERE c.id = k.resource_id)
        WHEN k.operation = ANY(${operationsOn("voucher")}::text[])
          THEN EXISTS (SELECT FROM ${table.vouchers} v WHERE v.id = k.resource_id)
        ELSE EXISTS (SELECT FROM ${table.products} p WHERE p.id = k.resource_id) END`
  }
}
