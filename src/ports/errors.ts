import { Schema } from "effect"

/** What a failed call left behind: certainly nothing, or a change that may or may not have been committed. */
export type WriteOutcome = "notApplied" | "unknown"

/**
 * The store cannot answer now. Retrying may help.
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
    return "The store cannot answer now"
  }
}

const shutdown = new Error("effect-commerce is shutting down")

/** The layer shuts down before the call is finished, or before its outcome is known. */
export const shuttingDown = (outcome: WriteOutcome) => new StoreUnavailable({ outcome, cause: shutdown })

/** Whether a shutdown is the cause. */
export const isShutdown = ({ cause }: StoreUnavailable): boolean => cause === shutdown

/** The same error with the outcome `unknown`. */
export const outcomeUnknown = (error: StoreUnavailable): StoreUnavailable =>
  error.outcome === "unknown" ? error : new StoreUnavailable({ outcome: "unknown", cause: error.cause })

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

/** The database was migrated by a newer version of effect-commerce, which this one does not know. */
export class SchemaTooNew extends Schema.TaggedError<SchemaTooNew>()("SchemaTooNew", {
  schema: Schema.String,
  found: Schema.Int,
  known: Schema.Int
}) {
  override get message() {
    return `The schema "${this.schema}" is at migration ${this.found}, newer than this version knows (${this.known})`
  }
}

/** The schema lacks tables or columns that this version needs: `migrate` makes them. */
export class SchemaOutdated extends Schema.TaggedError<SchemaOutdated>()("SchemaOutdated", {
  schema: Schema.String
}) {
  override get message() {
    return `The schema "${this.schema}" is not up to date: run migrate`
  }
}

/** Another process, or another client in this one, has the data directory open. `pid` where it is known. */
export class DataDirectoryInUse extends Schema.TaggedError<DataDirectoryInUse>()("DataDirectoryInUse", {
  directory: Schema.String,
  pid: Schema.UndefinedOr(Schema.Int)
}) {
  override get message() {
    const owner = this.pid === undefined ? "another process" : `process ${this.pid}`
    return `The data directory ${this.directory} is already used by ${owner}`
  }
}

/** The embedded database cannot be opened: PGlite is not installed, or its directory cannot be used. */
export class EmbeddedUnavailable extends Schema.TaggedError<EmbeddedUnavailable>()("EmbeddedUnavailable", {
  message: Schema.String,
  cause: Schema.Defect()
}) {}

/** The secret is shorter than the 32 bytes that HS256 needs (RFC 7518, section 3.2). */
export class WeakSecret extends Schema.TaggedError<WeakSecret>()("WeakSecret", { bytes: Schema.Int }) {
  override get message() {
    return `The secret for tokens has ${this.bytes} bytes, and at least 32 are needed`
  }
}
