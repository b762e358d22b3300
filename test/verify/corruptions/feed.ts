import { type Corruption, order } from "./Corruption.ts"

const feed = order("feed")

export const feedCorruptions: ReadonlyArray<Corruption> = [
  feed(
    "completed",
    "has an event of a transaction that is yet to come, as after restoring a dump on a new server",
    "UPDATE commerce.order_events SET xid = '4000000000000' WHERE order_id = ? AND sequence = 4"
  ),
  feed(
    "completed",
    "shows an event before an earlier one, as a server does that writes before its epoch begins",
    "UPDATE commerce.order_events SET xid = '1' WHERE order_id = ? AND sequence = 3"
  ),
  feed(
    "completed",
    "has an event of an epoch that has not begun",
    "UPDATE commerce.order_events SET epoch = 2 WHERE order_id = ? AND sequence = 4"
  )
]
