import { Schema } from "effect"

/** Outcome of a failed write: certainly not committed, or possibly committed. */
export type WriteOutcome = "notApplied" | "unknown"

/**
 * The store is unavailable. Retrying may help.
 *
 * - `notApplied`: nothing was committed. The call can be repeated.
 * - `unknown`: the change may have been committed (SQLSTATE 08007, 40003). Repeat the call with the same idempotency key,
 *   or read the state before deciding.
 *
 * `cause` is for the log and is never sent to a client.
 */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  outcome: Schema.Literals(["notApplied", "unknown"]),
  cause: Schema.Defect()
}) {
  override get message() {
    return "The store is unavailable."
  }
}

const shutdown = new Error("effect-commerce is shutting down")

/** Returns the error of a call that the shutdown of the layer interrupts. */
export const shuttingDown = (outcome: WriteOutcome) => new StoreUnavailable({ outcome, cause: shutdown })

/** Returns whether a shutdown caused the error. */
export const isShutdown = ({ cause }: StoreUnavailable): boolean => cause === shutdown

/** Returns the error with the outcome `unknown`. */
export const outcomeUnknown = (error: StoreUnavailable): StoreUnavailable =>
  error.outcome === "unknown" ? error : new StoreUnavailable({ outcome: "unknown", cause: error.cause })

/** Too many passwords wait for hashing (back-pressure). Retrying may help. */
export class HasherBusy extends Schema.TaggedError<HasherBusy>()("HasherBusy", {}) {
  override get message() {
    return "Too many passwords are waiting to be hashed."
  }
}

/** The payment gateway failed or did not answer, so the outcome of the charge is unknown. */
export class GatewayUnavailable extends Schema.TaggedError<GatewayUnavailable>()("GatewayUnavailable", {
  cause: Schema.Defect()
}) {
  override get message() {
    return "The payment gateway did not answer."
  }
}
