/** Every way to break an invariant by SQL that `verify` claims to see. */
import type { Invariant } from "../../src/domain/Invariants.ts"
import type { Scene } from "./shop.ts"

export interface Corruption {
  readonly does: string
  readonly statements: (scene: Scene) => ReadonlyArray<string>
  /** All that has to be reported, and nothing else is. */
  readonly breaks: (scene: Scene) => ReadonlyArray<readonly [Invariant, string]>
}

const stock = (does: string, ...statements: ReadonlyArray<string>): Corruption => ({
  does,
  statements: ({ green }) => statements.map((statement) => statement.replaceAll("?", `'${green.id}'`)),
  breaks: ({ green }) => [["stock", green.id]]
})

/** Breaks an invariant of one order; `?` is its id, and `$` that of its payment. */
const order =
  (invariant: Invariant) =>
  (
    which:
      | "created"
      | "tried"
      | "pending"
      | "bought"
      | "again"
      | "shipped"
      | "completed"
      | "declined"
      | "expired",
    does: string,
    ...statements: ReadonlyArray<string>
  ): Corruption => ({
    does,
    statements: (scene) => {
      const one = scene[which]
      const payment = "payment" in one ? one.payment : ""
      return statements.map((statement) =>
        statement.replaceAll("?", `'${one.id}'`).replaceAll("$", `'${payment}'`)
      )
    },
    breaks: (scene) => [[invariant, scene[which].id]]
  })

const total = order("total")
const history = order("history")
const payment = order("payment")

const key = (
  does: string,
  broken: ReadonlyArray<string>,
  ...statements: ReadonlyArray<string>
): Corruption => ({
  does,
  statements: () => statements,
  breaks: () => broken.map((id) => ["key", id])
})

const placeKey = "00000000-0000-4000-8000-000000000001 / place order / place-key"
const payKey = "system / pay order / pay-key"
const productKey = "system / create product / product-key"
const stockKey = "system / adjust stock / stock-key"

const pointsNowhere = (id: string, name: string) =>
  key(
    `leaves the key ${name} to point to nothing`,
    [id],
    `UPDATE commerce.idempotency_keys SET resource_id = gen_random_uuid() WHERE key = '${name}'`
  )

const shares = (id: string, name: string, other: string, scope = "scope") =>
  key(
    `gives the effect of ${name} to another key`,
    [id, other],
    `INSERT INTO commerce.idempotency_keys SELECT ${scope}, operation, 'other', fingerprint, resource_id, answer,
      created_at FROM commerce.idempotency_keys WHERE key = '${name}'`
  )

const addEvent = (sequence: number, event: string, from: string, to: string) =>
  `INSERT INTO commerce.order_events (order_id, sequence, event, from_status, to_status, at, by)
    VALUES (?, ${sequence}, '${event}', '${from}', '${to}', now(), 'nobody')`

const addPayment = (status: string, amount = 750) =>
  `INSERT INTO commerce.payments (id, order_id, status, currency, amount, payment_method, by, created_at)
    VALUES (gen_random_uuid(), ?, '${status}', 'EUR', ${amount}, 'cheque', 'nobody', now())`

const dropUnique = "DROP INDEX commerce.payments_one_per_order"
const dropItemCheck = "ALTER TABLE commerce.order_items DROP CONSTRAINT order_items_check"

export const corruptions: Record<Invariant, ReadonlyArray<Corruption>> = {
  stock: [
    stock("loses a unit", "UPDATE commerce.products SET stock = stock - 1 WHERE id = ?"),
    stock("finds a unit", "UPDATE commerce.products SET stock = stock + 1 WHERE id = ?"),
    stock("miscounts what was supplied", "UPDATE commerce.products SET supplied = supplied + 1 WHERE id = ?"),
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
      "INSERT INTO commerce.stock_adjustments (product_id, delta, at, by) VALUES (?, 1, now(), 'nobody')"
    ),
    stock(
      "sells what is not there, with the books in order",
      "ALTER TABLE commerce.products DROP CONSTRAINT products_stock",
      `INSERT INTO commerce.stock_adjustments (product_id, delta, at, by)
        SELECT id, -1 - stock, now(), 'nobody' FROM commerce.products WHERE id = ?`,
      "UPDATE commerce.products SET supplied = supplied - stock - 1, stock = -1 WHERE id = ?"
    ),
    {
      does: "loses a unit of what was never sold",
      statements: ({ unsold }) => [`UPDATE commerce.products SET stock = 99 WHERE id = '${unsold.id}'`],
      breaks: ({ unsold }) => [["stock", unsold.id]]
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
  ],

  total: [
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
  ],

  history: [
    history(
      "bought",
      "ships without saying so",
      "UPDATE commerce.orders SET status = 'SHIPPED' WHERE id = ?"
    ),
    history(
      "completed",
      "forgets an event in the middle",
      "DELETE FROM commerce.order_events WHERE order_id = ? AND sequence = 3"
    ),
    history(
      "completed",
      "forgets an event in the middle, and counts anew",
      "DELETE FROM commerce.order_events WHERE order_id = ? AND sequence = 3",
      "UPDATE commerce.order_events SET sequence = 3 WHERE order_id = ? AND sequence = 4",
      "UPDATE commerce.orders SET version = 3 WHERE id = ?"
    ),
    history(
      "completed",
      "forgets the first event",
      "DELETE FROM commerce.order_events WHERE order_id = ? AND sequence = 1"
    ),
    history(
      "completed",
      "forgets the last event",
      "DELETE FROM commerce.order_events WHERE order_id = ? AND sequence = 4"
    ),
    history("created", "forgets all events", "DELETE FROM commerce.order_events WHERE order_id = ?"),
    history(
      "completed",
      "leaves a gap",
      "UPDATE commerce.order_events SET sequence = 5 WHERE order_id = ? AND sequence = 4"
    ),
    history(
      "completed",
      "leaves a gap, and counts it",
      "UPDATE commerce.order_events SET sequence = 5 WHERE order_id = ? AND sequence = 4",
      "UPDATE commerce.orders SET version = 5 WHERE id = ?"
    ),
    history(
      "shipped",
      "comes from where it was not",
      "UPDATE commerce.order_events SET from_status = 'CREATED' WHERE order_id = ? AND sequence = 3"
    ),
    history(
      "shipped",
      "comes from nowhere",
      "UPDATE commerce.order_events SET from_status = NULL WHERE order_id = ? AND sequence = 3"
    ),
    history(
      "completed",
      "goes where it did not",
      "UPDATE commerce.order_events SET to_status = 'COMPLETED' WHERE order_id = ? AND sequence = 3"
    ),
    history(
      "bought",
      "calls an event by another name",
      "UPDATE commerce.order_events SET event = 'declined' WHERE order_id = ? AND sequence = 2"
    ),
    history(
      "bought",
      "takes a step that there is not",
      "UPDATE commerce.orders SET status = 'COMPLETED', version = 3 WHERE id = ?",
      addEvent(3, "completed", "PAID", "COMPLETED")
    ),
    history(
      "completed",
      "takes legal steps that do not follow",
      "UPDATE commerce.orders SET version = 5 WHERE id = ?",
      addEvent(5, "completed", "SHIPPED", "COMPLETED")
    ),
    history("again", "knows an event too many", addEvent(3, "shipped", "PAID", "SHIPPED")),
    history("created", "has another version", "UPDATE commerce.orders SET version = version + 1 WHERE id = ?")
  ],

  payment: [
    payment(
      "bought",
      "charges too little",
      "UPDATE commerce.payments SET amount = amount - 1 WHERE order_id = ?"
    ),
    payment(
      "shipped",
      "charges too much",
      "UPDATE commerce.payments SET amount = amount + 1 WHERE order_id = ?"
    ),
    payment(
      "completed",
      "charges another currency",
      "UPDATE commerce.payments SET currency = 'USD' WHERE order_id = ?"
    ),
    payment("bought", "charges twice", dropUnique, addPayment("APPROVED")),
    payment("bought", "charges twice, once wrongly", dropUnique, addPayment("APPROVED", 1)),
    payment("again", "is paid without a payment", "DELETE FROM commerce.payments WHERE order_id = ?"),
    payment(
      "shipped",
      "is shipped after a decline",
      "UPDATE commerce.payments SET status = 'DECLINED' WHERE order_id = ?"
    ),
    payment(
      "completed",
      "is completed after a cancelled payment",
      "UPDATE commerce.payments SET status = 'CANCELLED' WHERE order_id = ?"
    ),
    payment("created", "charges and stays unpaid", addPayment("APPROVED")),
    payment(
      "pending",
      "approves a payment and stays unpaid",
      "UPDATE commerce.payments SET status = 'APPROVED' WHERE order_id = ?"
    ),
    payment(
      "declined",
      "charges and fails",
      "UPDATE commerce.payments SET status = 'APPROVED' WHERE order_id = ?"
    ),
    payment("bought", "waits for a payment of what is paid", dropUnique, addPayment("PENDING")),
    payment(
      "declined",
      "waits for a payment of what has failed",
      "UPDATE commerce.payments SET status = 'PENDING' WHERE order_id = ?"
    ),
    payment("created", "waits for two payments", dropUnique, addPayment("PENDING"), addPayment("PENDING"))
  ],

  key: [
    key(
      "leaves a key unfulfilled",
      ["nobody / place order / fresh"],
      `INSERT INTO commerce.idempotency_keys (scope, operation, key, created_at)
        VALUES ('nobody', 'place order', 'fresh', now())`
    ),
    key(
      "leaves two keys unfulfilled",
      ["nobody / adjust stock / fresh", "nobody / place order / fresh"],
      `INSERT INTO commerce.idempotency_keys (scope, operation, key, created_at)
        VALUES ('nobody', 'place order', 'fresh', now()), ('nobody', 'adjust stock', 'fresh', now())`
    ),
    key(
      "forgets the request of a key",
      [placeKey],
      "UPDATE commerce.idempotency_keys SET fingerprint = NULL WHERE key = 'place-key'"
    ),
    key(
      "forgets the effect of a key",
      [payKey],
      "UPDATE commerce.idempotency_keys SET resource_id = NULL WHERE key = 'pay-key'"
    ),
    pointsNowhere(placeKey, "place-key"),
    pointsNowhere(payKey, "pay-key"),
    pointsNowhere(productKey, "product-key"),
    pointsNowhere(stockKey, "stock-key"),
    shares(placeKey, "place-key", "00000000-0000-4000-8000-000000000001 / place order / other"),
    shares(payKey, "pay-key", "system / pay order / other"),
    shares(productKey, "product-key", "somebody / create product / other", "'somebody'")
  ]
}
