import { Schema } from "effect"

/**
 * The store cannot answer now: an outage that may pass. `undone`: it is certain that nothing has happened; otherwise
 * a change may or may not have been made, which only asking again with the same idempotency key tells. The cause is
 * for the log, never for a client.
 */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  undone: Schema.Boolean,
  cause: Schema.Defect()
}) {
  override get message() {
    return "The store cannot answer now"
  }
}

const end = new Error("The shop is closing")

/** The shop closes before this is done, or before anybody knows whether it is. */
export const closing = (undone: boolean) => new StoreUnavailable({ undone, cause: end })
/** Whether that is why. */
export const isClosing = ({ cause }: StoreUnavailable): boolean => cause === end

/** The same outage, now that nobody knows any more whether something has happened. */
export const inDoubt = (outage: StoreUnavailable) =>
  outage.undone ? new StoreUnavailable({ undone: false, cause: outage.cause }) : outage

/** More passwords wait to be hashed than the hasher takes. */
export class HasherBusy extends Schema.TaggedError<HasherBusy>()("HasherBusy", {}) {
  override get message() {
    return "Too many passwords wait to be hashed"
  }
}

/** The payment gateway did not say whether it charged. */
export class GatewayUnavailable extends Schema.TaggedError<GatewayUnavailable>()("GatewayUnavailable", {
  cause: Schema.Defect()
}) {
  override get message() {
    return "The payment gateway did not answer"
  }
}
