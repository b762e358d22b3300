import { Schema } from "effect"
import { OrderId } from "../shared/Ids.ts"
import { OrderEvent } from "./Order.ts"

/** Where a reader of the feed is: opaque, and good for ever, also after the reader or the shop was restarted. */
export const FeedPosition = Schema.String.check(
  Schema.isPattern(/^\d{1,19}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:\d{1,9}$/, {
    expected: "a position of this feed"
  })
)

/** What happened to an order, and where in the feed it stands. */
export const FeedEvent = Schema.Struct({
  ...OrderEvent.fields,
  orderId: OrderId,
  position: FeedPosition
}).annotate({ identifier: "FeedEvent" })
export interface FeedEvent extends Schema.Schema.Type<typeof FeedEvent> {}

/** The transaction that an event was committed with, its order, and its place in the order's history. */
export interface FeedKey {
  readonly transaction: string
  readonly orderId: string
  readonly sequence: number
}

/** The position of an event, as readers get it. */
export const toPosition = ({ transaction, orderId, sequence }: FeedKey): string =>
  `${transaction}:${orderId}:${sequence}`

/** Takes apart a position that has been checked. */
export const fromPosition = (position: string): FeedKey => {
  const [transaction = "", orderId = "", sequence = ""] = position.split(":")
  return { transaction, orderId, sequence: Number(sequence) }
}
