import { Effect, Schema } from "effect"

const WriteOutcomes = Schema.Literals(["notApplied", "unknown"])
/** Outcome of a failed write: certainly not committed, or possibly committed. */
export type WriteOutcome = typeof WriteOutcomes.Type

/**
 * The store is unavailable. Retrying may help.
 *
 * - `notApplied`: this call has committed nothing. It can be repeated. An earlier call with the same idempotency key whose
 *   outcome is unknown may still commit.
 * - `unknown`: the change may have been committed (SQLSTATE 08007, 40003). Repeat the call with the same idempotency key,
 *   or read the state before deciding.
 *
 * `cause` is for the log and is never sent to a client. `reason` is what PostgreSQL or the network said when the store was opened;
 * later failures have none.
 */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  outcome: WriteOutcomes,
  cause: Schema.Defect(),
  reason: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    return this.reason === undefined
      ? "The store is unavailable."
      : `The store is unavailable: ${this.reason}`
  }
}

/** Returns the message of the innermost cause. It contains neither address nor password. */
export const reasonOf = (error: unknown): string => {
  let reason = error
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause
  return reason instanceof Error ? reason.message : String(reason)
}

/** Returns the error with its reason, for who opens the store. */
export const withReason = (error: StoreUnavailable): StoreUnavailable =>
  new StoreUnavailable({ outcome: error.outcome, cause: error.cause, reason: reasonOf(error.cause) })

const shutdown = new Error("effect-commerce is shutting down")

/** Returns the error of a call that the shutdown of the layer interrupts. */
export const shuttingDown = (outcome: WriteOutcome) => new StoreUnavailable({ outcome, cause: shutdown })

/** Returns whether a shutdown caused the error. */
export const isShutdown = ({ cause }: StoreUnavailable): boolean => cause === shutdown

/** Returns the error with the outcome `unknown`. */
export const outcomeUnknown = (error: StoreUnavailable): StoreUnavailable =>
  error.outcome === "unknown" ? error : new StoreUnavailable({ outcome: "unknown", cause: error.cause })

/** Too many passwords wait for hashing (back-pressure). Nothing was applied. Retrying may help. */
export class HasherBusy extends Schema.TaggedError<HasherBusy>()("HasherBusy", {
  outcome: WriteOutcomes.pipe(Schema.withConstructorDefault(Effect.succeed("notApplied")))
}) {
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

/**
 * PostgreSQL does not let this user use the database: an unknown user or database, a wrong password, a missing privilege, a
 * table of another program in the schema, or an encoding that is not UTF8. `reason` is what PostgreSQL says.
 */
export class DatabaseRefused extends Schema.TaggedError<DatabaseRefused>()("DatabaseRefused", {
  reason: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `The database cannot be used: ${this.reason}`
  }
}

/** The schema has a migration that this version of effect-commerce does not know. */
export class SchemaTooNew extends Schema.TaggedError<SchemaTooNew>()("SchemaTooNew", {
  schema: Schema.String,
  found: Schema.Int,
  known: Schema.Int
}) {
  override get message() {
    return `The schema "${this.schema}" is at migration ${this.found}. This version of effect-commerce knows migrations up to ${this.known}.`
  }
}

/** The schema lacks a migration that this version requires. Run `migrate`. */
export class SchemaOutdated extends Schema.TaggedError<SchemaOutdated>()("SchemaOutdated", {
  schema: Schema.String
}) {
  override get message() {
    return `The schema "${this.schema}" is not up to date. Run migrate.`
  }
}

/** The embedded database cannot be opened: PGlite is not installed, or the data directory is unusable. */
export class EmbeddedUnavailable extends Schema.TaggedError<EmbeddedUnavailable>()("EmbeddedUnavailable", {
  message: Schema.String,
  cause: Schema.Defect()
}) {}

/**
 * Another process, or another client in this process, has opened the data directory. `pid` is its process id, if
 * known.
 */
export class DataDirectoryInUse extends Schema.TaggedError<DataDirectoryInUse>()("DataDirectoryInUse", {
  directory: Schema.String,
  pid: Schema.UndefinedOr(Schema.Int)
}) {
  override get message() {
    const owner = this.pid === undefined ? "another process" : `process ${this.pid}`
    return `The data directory ${this.directory} is already in use by ${owner}.`
  }
}
