import { Cause, Effect } from "effect"
import { SqlError } from "effect/sql"
import { StoreUnavailable, type WriteOutcome } from "../../../ports/errors.ts"

/**
 * SQLSTATE classes and codes of failures that may pass (PostgreSQL documentation, appendix A): connection exception,
 * invalid transaction state after a lost connection, transaction rollback, insufficient resources, operator
 * intervention, system error, lock timeout, and a database that has become read-only.
 */
const transient = /^(08...|25006|25P0[34]|40...|53...|57...|58...|55P03)$/

/**
 * SQLSTATE codes with which the server reports a rollback, at COMMIT too: serialization failure, deadlock, lock timeout,
 * cancelled statement, and a write that a read-only database refuses.
 */
const rolledBack = /^(25006|40001|40P01|55P03|57014)$/

/** A phase took longer than `Limits` allow. */
export class DeadlineExceeded extends Error {}

/** Returns the SQLSTATE code of an error, or an empty text. */
export const sqlState = (error: SqlError.SqlError): string => {
  const { cause } = error.reason
  return typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : ""
}

/** Whether the server has refused to write, because of the transaction or because it is a standby. */
export const isReadOnly = (error: unknown): boolean =>
  SqlError.isSqlError(error) && sqlState(error) === "25006"

/** Whether a connection could not be opened: nothing was sent on it. */
export const isConnecting = ({ reason }: SqlError.SqlError) => reason.operation === "connect"

/** Whether an error is a failure of the database that may pass. Whatever fails while connecting is one. */
export const isTransient = (error: unknown): error is SqlError.SqlError =>
  SqlError.isSqlError(error) &&
  (isConnecting(error) || error.reason._tag === "ConnectionError" || transient.test(sqlState(error)))

/** Whether another transaction held a lock for longer than the lock timeout. */
export const isLockTimeout = ({ cause }: StoreUnavailable): boolean =>
  SqlError.isSqlError(cause) && sqlState(cause) === "55P03"

/** Whether a lock timeout or a deadline ended the work: retrying at once would wait as long again. */
export const isTimeout = (error: StoreUnavailable): boolean =>
  isLockTimeout(error) || error.cause instanceof DeadlineExceeded

/** Fails because `what` took longer than `Limits` allow. */
export const timedOut = (what: string, outcome: WriteOutcome = "notApplied") =>
  Effect.fail(new StoreUnavailable({ outcome, cause: new DeadlineExceeded(`${what} takes too long`) }))

const errorOf = <E>(reason: Cause.Reason<E>): unknown =>
  Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : undefined

/**
 * Classifies every failure of a statement or a transaction. Refusals stay as they are. A transient SQL error becomes
 * `StoreUnavailable`, also if it arrives as a defect because ROLLBACK failed with its connection. Any other SQL error is
 * a bug. `outcome` is evaluated after the failure and says what may have been committed.
 */
export const classify = <A, E, R>(
  work: Effect.Effect<A, E | SqlError.SqlError, R>,
  outcome: () => WriteOutcome
): Effect.Effect<A, Exclude<E, SqlError.SqlError> | StoreUnavailable, R> =>
  Effect.catchCause(work, (cause): Effect.Effect<never, Exclude<E, SqlError.SqlError> | StoreUnavailable> => {
    const error = cause.reasons.map(errorOf).find(isTransient)
    if (error !== undefined) {
      return Effect.fail(
        new StoreUnavailable({
          outcome: isConnecting(error) || rolledBack.test(sqlState(error)) ? "notApplied" : outcome(),
          cause: error
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
