import { Schema } from "effect"
import { OrderId } from "../shared/Ids.ts"
import { OrderEvent } from "./Order.ts"

/** Position of a reader in the feed. It is opaque and stays valid after restarts. */
export const FeedPosition = Schema.String.check(
  Schema.isPattern(/^\d{1,19}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:\d{1,9}$/, {
    expected: "a position of this feed"
  })
)

/** An event of the feed: the order event, its order, and its position. */
export const FeedEvent = Schema.Struct({
  ...OrderEvent.fields,
  orderId: OrderId,
  position: FeedPosition
}).annotate({ identifier: "FeedEvent" })
export interface FeedEvent extends Schema.Schema.Type<typeof FeedEvent> {}

/**
 * Sort key of the feed: the id of the transaction that wrote the event, the order, and the sequence in its
 * history.
 */
export interface FeedKey {
  readonly transaction: string
  readonly orderId: string
  readonly sequence: number
}

/** Encodes a feed key as a position. */
export const toPosition = ({ transaction, orderId, sequence }: FeedKey): string =>
  `${transaction}:${orderId}:${sequence}`

/** Decodes a position that `FeedPosition` has already checked. */
export const fromPosition = (position: string): FeedKey => {
  const [transaction = "", orderId = "", sequence = ""] = position.split(":")
  return { transaction, orderId, sequence: Number(sequence) }
}
