import type { Corruption } from "./Corruption.ts"

/** Breaks the money of one payment; `?` is the id of its order. */
const operation = (does: string, ...statements: ReadonlyArray<string>): Corruption => ({
  does,
  statements: ({ refunded }) => statements.map((statement) => statement.replaceAll("?", `'${refunded.id}'`)),
  breaks: ({ refunded }) => [["operation", refunded.payment]]
})

const addEnd = (kind: string) =>
  `INSERT INTO commerce.payment_operations (id, payment_id, order_id, kind, status, currency, amount, actor, created_at)
    SELECT gen_random_uuid(), id, order_id, '${kind}', 'APPROVED', currency, amount, 'nobody', now()
    FROM commerce.payments WHERE order_id = ?`

export const operationCorruptions: ReadonlyArray<Corruption> = [
  operation(
    "has refunded less than its operations say",
    "UPDATE commerce.payments SET refunded = refunded - 1 WHERE order_id = ?"
  ),
  operation(
    "has refunded what no operation says",
    "UPDATE commerce.payment_operations SET status = 'DECLINED' WHERE order_id = ?"
  ),
  operation(
    "is captured and voided",
    "DROP INDEX commerce.payment_operations_one_end",
    addEnd("capture"),
    addEnd("void")
  ),
  operation("is captured without an authorization", addEnd("capture")),
  operation(
    "has captured more than its capture says",
    addEnd("capture"),
    "UPDATE commerce.payment_operations SET amount = amount - 1 WHERE kind = 'capture' AND order_id = ?",
    "UPDATE commerce.payments SET authorized_at = now() WHERE order_id = ?"
  )
]
