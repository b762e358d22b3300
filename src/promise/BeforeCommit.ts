import { Cause, Effect, Exit, Layer, Option } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { isTransient } from "../adapters/postgres/execution/SqlErrors.ts"
import type { OrderChange, OrderRefused } from "../domain/orders/OrderChange.ts"
import { BeforeCommit, type BeforeCommitHook } from "../ports/BeforeCommit.ts"
import { NoTransactions } from "../services/CommerceError.ts"

type QueryValue = string | number | bigint | boolean | Date

/** A parameter of `query`. JSON is passed as text. Arrays contain no `null`: pass another value, and `nullif` in the statement. */
export type QueryParameter = QueryValue | null | ReadonlyArray<QueryValue>

/** The transaction of the changes that a function `beforeCommit` gets. */
export interface ChangeTransaction {
  /**
   * Runs a statement with parameters `$1`, `$2` in the transaction, and returns its rows as objects by column name. Rejects with the error
   * of the driver, whose `code` is the SQLSTATE. Rejects once the function has ended, and in memory with `NoTransactions`.
   */
  readonly query: <Row extends object = Record<string, unknown>>(
    statement: string,
    parameters?: ReadonlyArray<QueryParameter>
  ) => Promise<ReadonlyArray<Row>>
  /** Aborts when the transaction ends before the function, because it takes too long or the shop closes. */
  readonly signal: AbortSignal
}

/**
 * A function of the host that runs in the transaction of each change of orders, after the rows of the shop and before the COMMIT.
 *
 * It gets all changes of the transaction: many, if many callers share it. It returns the orders that it refuses, or throws `OrderRefused`.
 * Any other rejection is a fault of the host, and the call whose order causes it rejects with `BeforeCommitFailed`. A transaction that is
 * repeated calls it again, so it has no effect but through `query`.
 */
export type BeforeCommitFunction = (
  changes: readonly [OrderChange, ...Array<OrderChange>],
  transaction: ChangeTransaction
) => Promise<ReadonlyArray<OrderRefused> | undefined> | Promise<void>

const ended = () => new Error("The transaction of this query has ended: await every query in beforeCommit")

const arrayWithNull = () =>
  new TypeError("Expected an array without null: pass another value, and nullif in the statement")

/** Types do not keep it from JavaScript. Drivers disagree about arrays of nothing else, and sessions about its text. */
const containsNull = (parameter: unknown) =>
  Array.isArray(parameter) && parameter.some((element) => element === null || element === undefined)

/** The errors of failed statements by those that the host gets instead. */
type Failures = WeakMap<object, SqlError.SqlError>

/** Returns the error of the driver, which hosts know. */
const driverErrorOf = (error: unknown, failures: Failures): unknown => {
  if (!SqlError.isSqlError(error)) return error
  const { cause } = error.reason
  if (!(cause instanceof Error)) return error
  failures.set(cause, error)
  return cause
}

/** Returns the outage that a rejection of the host goes back to, or the rejection itself: an outage is no fault of the host. */
const causeOf = (rejection: unknown, failures: Failures): unknown => {
  for (let error = rejection; error instanceof Error; error = error.cause) {
    const failure = failures.get(error)
    if (isTransient(failure)) return failure
  }
  return rejection
}

const toHook = (beforeCommit: BeforeCommitFunction, sql: SqlClient.SqlClient | undefined): BeforeCommitHook =>
  Effect.fnUntraced(function* (changes) {
    const context = yield* Effect.context<never>()
    const failures: Failures = new WeakMap()
    const running = new Set<Promise<unknown>>()
    let hasEnded = false

    const query =
      (signal: AbortSignal) =>
      async (
        statement: string,
        parameters: ReadonlyArray<QueryParameter> = []
      ): Promise<ReadonlyArray<never>> => {
        if (sql === undefined) throw new NoTransactions()
        if (hasEnded || signal.aborted) throw ended()
        if (parameters.some(containsNull)) throw arrayWithNull()
        // The context holds the connection of the transaction.
        const exit = await Effect.runPromiseExitWith(context)(
          Effect.result(sql.unsafe<never>(statement, parameters)),
          { signal }
        )
        if (Exit.isFailure(exit)) throw Exit.hasInterrupts(exit) ? ended() : Cause.squash(exit.cause)
        if (exit.value._tag === "Failure") throw driverErrorOf(exit.value.failure, failures)
        return exit.value.success
      }

    return yield* Effect.tryPromise({
      try: async (signal) => {
        const run = query(signal)
        const tracked: ChangeTransaction["query"] = (statement, parameters) => {
          const rows = run(statement, parameters)
          running.add(rows)
          // A rejection that no code awaits would end the process. The transaction fails by itself.
          rows.catch(() => {}).finally(() => running.delete(rows))
          return rows
        }
        try {
          return await beforeCommit(changes, { query: tracked, signal })
        } finally {
          hasEnded = true
          await Promise.allSettled(running)
        }
      },
      catch: (rejection) => causeOf(rejection, failures)
    })
  })

/** Provides the hook of the stores from a function of the host, on the client of the stores. */
export const layerBeforeCommit = (beforeCommit: BeforeCommitFunction | undefined): Layer.Layer<never> =>
  beforeCommit === undefined
    ? Layer.empty
    : Layer.effect(
        BeforeCommit,
        Effect.map(Effect.serviceOption(SqlClient.SqlClient), (sql) =>
          toHook(beforeCommit, Option.getOrUndefined(sql))
        )
      )
