import { addEvent, type Corruption } from "./Corruption.ts"

const stock = (does: string, ...statements: ReadonlyArray<string>): Corruption => ({
  does,
  statements: ({ green }) => statements.map((statement) => statement.replaceAll("?", `'${green.id}'`)),
  breaks: ({ green }) => [["stock", green.id]]
})

export const stockCorruptions: ReadonlyArray<Corruption> = [
  stock("loses a unit", "UPDATE commerce.products SET stock = stock - 1 WHERE id = ?"),
  stock("finds a unit", "UPDATE commerce.products SET stock = stock + 1 WHERE id = ?"),
  stock(
    "miscounts the received total",
    "UPDATE commerce.products SET received_total = received_total + 1 WHERE id = ?"
  ),
  stock(
    "forgets an adjustment",
    "DELETE FROM commerce.stock_adjustments WHERE product_id = ? AND reason IS NULL"
  ),
  stock("forgets all adjustments", "DELETE FROM commerce.stock_adjustments WHERE product_id = ?"),
  stock(
    "alters an adjustment",
    "UPDATE commerce.stock_adjustments SET delta = delta + 1 WHERE product_id = ?"
  ),
  stock(
    "invents an adjustment",
    "INSERT INTO commerce.stock_adjustments (product_id, delta, at, actor) VALUES (?, 1, now(), 'nobody')"
  ),
  stock(
    "sells what is not there, with the books in order",
    "ALTER TABLE commerce.products DROP CONSTRAINT products_stock",
    `INSERT INTO commerce.stock_adjustments (product_id, delta, at, actor)
        SELECT id, -1 - stock, now(), 'nobody' FROM commerce.products WHERE id = ?`,
    "UPDATE commerce.products SET received_total = received_total - stock - 1, stock = -1 WHERE id = ?"
  ),
  {
    does: "loses a unit of what was never sold",
    statements: ({ unsold }) => [`UPDATE commerce.products SET stock = 99 WHERE id = '${unsold.id}'`],
    breaks: ({ unsold }) => [["stock", unsold.id]]
  },
  {
    does: "forgets a product that was sold",
    statements: ({ black }) => [
      `DELETE FROM commerce.stock_adjustments WHERE product_id = '${black.id}'`,
      `DELETE FROM commerce.products WHERE id = '${black.id}'`
    ],
    breaks: ({ black }) => [["stock", black.id]]
  },
  {
    does: "keeps the units of an order that failed",
    statements: ({ created: { id } }) => [
      `UPDATE commerce.orders SET status = 'FAILED', version = 2 WHERE id = '${id}'`,
      addEvent(2, "expired", "CREATED", "FAILED").replace("?", `'${id}'`)
    ],
    breaks: ({ green, black }) => [
      ["stock", green.id],
      ["stock", black.id]
    ]
  }
]
