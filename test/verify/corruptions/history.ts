import { addEvent, type Corruption, order } from "./Corruption.ts"

const history = order("history")

export const historyCorruptions: ReadonlyArray<Corruption> = [
  history("bought", "ships without saying so", "UPDATE commerce.orders SET status = 'SHIPPED' WHERE id = ?"),
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
    "shipped",
    "calls an event by another name",
    "UPDATE commerce.order_events SET event = 'completed' WHERE order_id = ? AND sequence = 3"
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
]
