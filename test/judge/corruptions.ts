/** Ways to make a database forget or invent what was answered, by SQL. */
import type { Rule } from "../../src/testing/judge/index.ts"
import { customerId, type Scene } from "../testing/judge/scene.ts"

export interface Corruption {
  readonly does: string
  readonly statements: (scene: Scene) => ReadonlyArray<string>
  /** All that must be found, and nothing else is. */
  readonly breaks: (scene: Scene) => ReadonlyArray<readonly [Rule, string]>
}

type Which = "created" | "keyed" | "paid" | "shipped" | "completed" | "declined" | "expired" | "tried"

/** Corrupts one order; `?` is its id. Breaks these rules, with the id of the order. */
const order = (
  which: Which,
  does: string,
  breaks: ReadonlyArray<Rule>,
  ...statements: ReadonlyArray<string>
): Corruption => ({
  does,
  statements: (scene) => statements.map((statement) => statement.replaceAll("?", `'${scene[which].id}'`)),
  breaks: (scene) => breaks.map((rule) => [rule, scene[which].id])
})

const also = (
  corruption: Corruption,
  statements: Corruption["statements"],
  breaks: Corruption["breaks"],
  does = corruption.does
): Corruption => ({
  does,
  statements: (scene) => [...corruption.statements(scene), ...statements(scene)],
  breaks: (scene) => [...corruption.breaks(scene), ...breaks(scene)]
})

const units =
  (rule: Rule) =>
  ({ green, black }: Scene) =>
    [
      [rule, green.id],
      [rule, black.id]
    ] as const

/** Adds the units of some orders to the stock, or takes them. */
const restock = ({ green, black }: Scene, orders: number) => [
  `UPDATE commerce.products SET stock = stock + ${2 * orders} WHERE id = '${green.id}'`,
  `UPDATE commerce.products SET stock = stock + ${orders} WHERE id = '${black.id}'`
]

const another = "ffffffff-ffff-7fff-bfff-ffffffffffff"

/** A second order like `?`, whose events are the last of the feed. */
const copy = (name: string) => [
  `INSERT INTO commerce.orders SELECT '${another}', customer_id, status, currency, total,
    metadata || '{"name": "${name}"}', version, created_at, updated_at FROM commerce.orders WHERE id = ?`,
  `INSERT INTO commerce.order_items SELECT '${another}', position, product_id, name, sku, unit_price, quantity, total
    FROM commerce.order_items WHERE order_id = ?`,
  `INSERT INTO commerce.order_events SELECT '${another}', sequence, event, from_status, to_status, at, actor,
    (SELECT max(xid::text::bigint)::text::xid8 FROM commerce.order_events), epoch
    FROM commerce.order_events WHERE order_id = ?`
]

const deleted = order(
  "created",
  "loses an order",
  ["durability", "feed"],
  "DELETE FROM commerce.order_events WHERE order_id = ?",
  "DELETE FROM commerce.order_items WHERE order_id = ?",
  "DELETE FROM commerce.orders WHERE id = ?"
)

export const corruptions: ReadonlyArray<Corruption> = [
  also(
    deleted,
    () => [],
    (scene) => [...units("stock")(scene), ...units("invariant")(scene)]
  ),
  also(deleted, (scene) => restock(scene, 1), units("stock"), "loses an order and its units"),
  order(
    "created",
    "changes the total of an order",
    ["durability", "invariant"],
    "UPDATE commerce.orders SET total = total - 1 WHERE id = ?"
  ),
  order(
    "created",
    "changes the price of an order",
    ["durability"],
    "UPDATE commerce.order_items SET unit_price = 1, total = quantity WHERE order_id = ?",
    "UPDATE commerce.orders SET total = 3 WHERE id = ?"
  ),
  order(
    "created",
    "changes the metadata of an order",
    ["durability"],
    `UPDATE commerce.orders SET metadata = '{}' WHERE id = ?`
  ),
  order(
    "shipped",
    "sets an order back to its version before",
    ["durability", "feed"],
    "UPDATE commerce.orders SET version = 2, status = 'PAID' WHERE id = ?",
    "DELETE FROM commerce.order_events WHERE order_id = ? AND sequence = 3"
  ),
  order(
    "shipped",
    "sets an order back and keeps its history",
    ["durability", "invariant"],
    "UPDATE commerce.orders SET version = 2, status = 'PAID' WHERE id = ?"
  ),
  order(
    "completed",
    "loses an event",
    ["durability", "feed", "invariant"],
    "DELETE FROM commerce.order_events WHERE order_id = ? AND sequence = 3"
  ),
  order(
    "completed",
    "changes who shipped an order",
    ["feed", "refusal"],
    "UPDATE commerce.order_events SET actor = 'nobody' WHERE order_id = ? AND sequence = 3"
  ),
  order(
    "created",
    "moves an event to the end of the feed",
    ["feed"],
    `UPDATE commerce.order_events SET xid = (SELECT max(xid::text::bigint)::text::xid8 FROM commerce.order_events)
      WHERE order_id = ?`
  ),
  also(
    order(
      "tried",
      "expires an order that was not to be",
      ["refusal"],
      "UPDATE commerce.orders SET version = 2, status = 'FAILED', updated_at = now() WHERE id = ?",
      `INSERT INTO commerce.order_events (order_id, sequence, event, from_status, to_status, at, actor, xid)
        SELECT order_id, 2, 'expired', 'CREATED', 'FAILED', now(), 'warehouse 7', (
          SELECT max(xid::text::bigint)::text::xid8 FROM commerce.order_events
        ) FROM commerce.order_events WHERE order_id = ?`
    ),
    (scene) => restock(scene, 1),
    () => []
  ),
  also(
    order("created", "invents an order", [], ...copy("invented")),
    (scene) => restock(scene, -1),
    () => [["refusal", another]]
  ),
  also(
    order("keyed", "has a second order of a key", [], ...copy("keyed")),
    (scene) => restock(scene, -1),
    () => [["idempotency", `${customerId} / place order / place-key`]]
  ),
  also(
    order(
      "paid",
      "has a second payment of a key",
      [],
      `INSERT INTO commerce.payments SELECT '${another}', order_id, 'CANCELLED', currency, amount, payment_method, actor,
        created_at, settled_at FROM commerce.payments WHERE order_id = ?`
    ),
    () => [],
    () => [["idempotency", "anna / pay order / pay-key"]]
  ),
  also(
    order(
      "tried",
      "invents a payment",
      [],
      `INSERT INTO commerce.payments SELECT '${another}', order_id, status, currency, amount, payment_method, actor,
        created_at, settled_at FROM commerce.payments WHERE order_id = ?`
    ),
    () => [],
    () => [["refusal", another]]
  ),
  {
    does: "brings back a unit",
    statements: ({ green }) => [`UPDATE commerce.products SET stock = stock + 1 WHERE id = '${green.id}'`],
    breaks: ({ green }) => [
      ["stock", green.id],
      ["invariant", green.id]
    ]
  },
  {
    does: "makes an adjustment twice",
    statements: ({ green }) => [
      `UPDATE commerce.products SET stock = stock - 5, received_total = received_total - 5 WHERE id = '${green.id}'`,
      `INSERT INTO commerce.stock_adjustments (product_id, delta, at, actor) VALUES ('${green.id}', -5, now(), 'system')`
    ],
    breaks: ({ green }) => [["stock", green.id]]
  },
  {
    does: "loses an adjustment",
    statements: ({ black }) => [
      `UPDATE commerce.products SET stock = stock - 3, received_total = received_total - 3 WHERE id = '${black.id}'`,
      `DELETE FROM commerce.stock_adjustments WHERE product_id = '${black.id}' AND delta = 3`
    ],
    breaks: ({ black }) => [["stock", black.id]]
  },
  {
    does: "loses a payment that charged nothing",
    statements: ({ triedPayment: { id } }) => [`DELETE FROM commerce.payments WHERE id = '${id}'`],
    breaks: ({ triedPayment: { id } }) => [["durability", id]]
  },
  {
    does: "changes the outcome of a payment",
    statements: ({ triedPayment: { id } }) => [
      `UPDATE commerce.payments SET status = 'DECLINED' WHERE id = '${id}'`
    ],
    breaks: ({ triedPayment: { id } }) => [["durability", id]]
  },
  {
    does: "loses an account",
    statements: ({ account }) => [`DELETE FROM commerce.accounts WHERE id = '${account.id}'`],
    breaks: ({ account }) => [["durability", account.id]]
  },
  {
    does: "loses a product that nobody bought",
    statements: ({ herbs }) => [
      `DELETE FROM commerce.stock_adjustments WHERE product_id = '${herbs.id}'`,
      `DELETE FROM commerce.products WHERE id = '${herbs.id}'`
    ],
    breaks: ({ herbs }) => [["durability", herbs.id]]
  }
]
