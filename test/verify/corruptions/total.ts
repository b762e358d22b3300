import { type Corruption, order } from "./Corruption.ts"

const total = order("total")

const dropItemCheck = "ALTER TABLE commerce.order_items DROP CONSTRAINT order_items_check"

export const totalCorruptions: ReadonlyArray<Corruption> = [
  total("created", "miscounts the total", "UPDATE commerce.orders SET total = total - 1 WHERE id = ?"),
  total(
    "created",
    "miscounts an item",
    dropItemCheck,
    "UPDATE commerce.order_items SET total = total + 1 WHERE order_id = ? AND position = 0"
  ),
  total(
    "created",
    "miscounts two items that even out",
    dropItemCheck,
    "UPDATE commerce.order_items SET total = total + CASE position WHEN 0 THEN 1 ELSE -1 END WHERE order_id = ?"
  ),
  total(
    "created",
    "reprices an item",
    "UPDATE commerce.order_items SET unit_price = 1, total = quantity WHERE order_id = ? AND position = 0"
  ),
  total(
    "expired",
    "alters a quantity",
    "UPDATE commerce.order_items SET quantity = 9, total = unit_price * 9 WHERE order_id = ? AND position = 0"
  ),
  total("expired", "drops an item", "DELETE FROM commerce.order_items WHERE order_id = ? AND position = 1"),
  total("expired", "drops all items", "DELETE FROM commerce.order_items WHERE order_id = ?"),
  total(
    "expired",
    "drops all items of an order of nothing",
    "DELETE FROM commerce.order_items WHERE order_id = ?",
    "UPDATE commerce.orders SET total = 0 WHERE id = ?"
  ),
  total(
    "expired",
    "adds an item",
    `INSERT INTO commerce.order_items (order_id, position, product_id, name, unit_price, quantity, total)
        VALUES (?, 7, gen_random_uuid(), 'Gift', 1, 1, 1)`
  ),
  total(
    "taxed",
    "miscounts a fee",
    "UPDATE commerce.order_adjustments SET amount = amount + 1 WHERE order_id = ? AND kind = 'fee'"
  ),
  total(
    "taxed",
    "miscounts a tax, whose shares are right",
    "UPDATE commerce.order_adjustments SET amount = amount + 1 WHERE order_id = ? AND kind = 'tax'",
    "UPDATE commerce.orders SET total = total + 1 WHERE id = ?"
  ),
  total(
    "taxed",
    "shares a tax out wrongly",
    "UPDATE commerce.order_adjustments SET shares[1] = shares[1] + 1 WHERE order_id = ? AND kind = 'tax'"
  ),
  total(
    "taxed",
    "includes a tax that was added",
    "UPDATE commerce.order_adjustments SET included = true WHERE order_id = ? AND kind = 'tax'"
  ),
  total(
    "taxed",
    "drops a tax of nothing",
    "UPDATE commerce.orders o SET total = total - a.amount FROM commerce.order_adjustments a WHERE o.id = ? AND order_id = ? AND kind = 'tax'",
    "DELETE FROM commerce.order_adjustments WHERE order_id = ? AND kind = 'tax'"
  ),
  total("taxed", "hides its adjustments", "UPDATE commerce.orders SET adjustments = NULL WHERE id = ?"),
  total(
    "created",
    "counts adjustments that it has not",
    "UPDATE commerce.orders SET adjustments = 1 WHERE id = ?"
  ),
  total(
    "redeemed",
    "takes more off an item than it costs",
    "UPDATE commerce.order_adjustments SET shares[1] = shares[1] + 460, shares[2] = shares[2] - 20, amount = amount + 440 WHERE order_id = ? AND position = 1",
    "UPDATE commerce.orders SET total = total - 440 WHERE id = ?"
  ),
  {
    does: "has adjustments of no order",
    statements: () => [
      `INSERT INTO commerce.order_adjustments (order_id, position, kind, code, name, amount)
        VALUES ('00000000-0000-4000-8000-00000000dead', 0, 'fee', 'f', 'F', 1)`
    ],
    breaks: () => [["total", "00000000-0000-4000-8000-00000000dead"]]
  },
  {
    does: "loses an order, but not its items and events",
    statements: ({ expired }) => [`DELETE FROM commerce.orders WHERE id = '${expired.id}'`],
    breaks: ({ expired }) => [
      ["total", expired.id],
      ["history", expired.id]
    ]
  },
  {
    does: "drops an item of an order that holds stock",
    statements: ({ created }) => [
      `DELETE FROM commerce.order_items WHERE order_id = '${created.id}' AND position = 1`
    ],
    breaks: ({ created, black }) => [
      ["stock", black.id],
      ["total", created.id]
    ]
  }
]
