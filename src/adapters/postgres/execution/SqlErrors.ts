import { Cause, Effect } from "effect"
import { SqlError } from "effect/sql"
import { StoreUnavailable, type WriteOutcome } from "../../../ports/errors.ts"

/**
 * SQLSTATE classes and codes that say "not now" (PostgreSQL documentation, appendix A): connection exception,
 * invalid transaction state after a lost connection, transaction rollback, insufficient resources, operator
 * intervention, system error, a lock that could not be had in time, and a database that has become read-only.
 */
const passing = /^(08...|25006|25P0[34]|40...|53...|57...|58...|55P03)$/

/**
 * The server says itself that it has rolled back, even at COMMIT: serialization failures, deadlocks, locks that could
 * not be had in time, statements that were cancelled, and those that a read-only database refuses.
 */
const rolledBack = /^(25006|40001|40P01|55P03|57014)$/

const sqlState = (error: SqlError.SqlError): string => {
  const { cause } = error.reason
  return typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : ""
}

const isOutage = (error: unknown): error is SqlError.SqlError =>
  SqlError.isSqlError(error) && (error.reason._tag === "ConnectionError" || passing.test(sqlState(error)))

/** Somebody else held a lock for longer than this work was to wait. */
export const isLockTimeout = ({ cause }: StoreUnavailable): boolean =>
  SqlError.isSqlError(cause) && sqlState(cause) === "55P03"

const errorOf = <E>(reason: Cause.Reason<E>): unknown =>
  Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : undefined

/**
 * Classifies all that can go wrong with a statement or a transaction: refusals stay as they are, an outage is a
 * `StoreUnavailable` (also one that arrives as a defect, when ROLLBACK dies with its connection), and any other
 * SQL error is a bug. `outcome` says, once it has failed, what may have been committed.
 */
export const classify = <A, E, R>(
  work: Effect.Effect<A, E | SqlError.SqlError, R>,
  outcome: () => WriteOutcome
): Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable, R> =>
  Effect.catchCause(work, (cause): Effect.Effect<never, Exclude<E, SqlError.SqlError> | StoreUnavailable> => {
    const outage = cause.reasons.map(errorOf).find(isOutage)
    if (outage !== undefined) {
      return Effect.fail(
        new StoreUnavailable({
          outcome: rolledBack.test(sqlState(outage)) ? "notApplied" : outcome(),
          cause: outage
        })
      )
    }
    return Effect.failCause(
      Cause.fromReasons(
        cause.reasons.map((reason) =>
          Cause.isFailReason(reason) && SqlError.isSqlError(reason.error)
            ? Cause.makeDieReason(reason.error)
            : (reason as Cause.Reason<Exclude<E, SqlError.SqlError>>)
        )
      )
    )
  })
