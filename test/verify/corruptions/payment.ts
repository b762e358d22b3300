import { type Corruption, order } from "./Corruption.ts"

const payment = order("payment")

const addPayment = (status: string, amount = 750) =>
  `INSERT INTO commerce.payments (id, order_id, status, currency, amount, payment_method, actor, created_at)
    VALUES (gen_random_uuid(), ?, '${status}', 'EUR', ${amount}, 'cheque', 'nobody', now())`

const dropUnique = "DROP INDEX commerce.payments_one_per_order"

export const paymentCorruptions: ReadonlyArray<Corruption> = [
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
]
