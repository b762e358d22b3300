import { Schema } from "effect"
import { OrderId } from "../shared/Ids.ts"
import { OrderEvent } from "./Order.ts"

/** Position of a reader in the feed. It is opaque and stays valid after restarts, failovers and restored backups. */
export const FeedPosition = Schema.String.check(
  Schema.isPattern(/^\d{1,9}:\d{1,19}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:\d{1,9}$/u, {
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

/** Refusal: the feed has no event at this position. A failover or a restored backup has lost it. */
export class PositionUnknown extends Schema.TaggedError<PositionUnknown>()("PositionUnknown", {
  position: Schema.String
}) {
  override get message() {
    return "No event of the feed has this position: the database has lost it, and may have lost events before it."
  }
}

/**
 * Sort key of the feed: the epoch, the id of the transaction that wrote the event, the order, and the sequence in its
 * history. An epoch is a generation of transaction ids.
 */
export interface FeedKey {
  readonly epoch: number
  readonly transaction: string
  readonly orderId: string
  readonly sequence: number
}

/** Encodes a feed key as a position. */
export const toPosition = ({ epoch, transaction, orderId, sequence }: FeedKey): string =>
  `${epoch}:${transaction}:${orderId}:${sequence}`

/** Decodes a position that `FeedPosition` has already checked. */
export const fromPosition = (position: string): FeedKey => {
  const [epoch = "", transaction = "", orderId = "", sequence = ""] = position.split(":")
  return { epoch: Number(epoch), transaction, orderId, sequence: Number(sequence) }
}
