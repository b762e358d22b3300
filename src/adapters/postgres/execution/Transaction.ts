import { Cause, Clock, Context, Effect, Fiber, Schedule } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { isShutdown, StoreUnavailable, shuttingDown, type WriteOutcome } from "../../../ports/errors.ts"
import { databaseBusy, whileCounted } from "../../../telemetry/Metrics.ts"
import { commitStatus, type TransactionId, transactionIdColumns } from "./CommitStatus.ts"
import { type ExecutionLimits, Limits } from "./Limits.ts"
import { isConnectionRefused } from "./RefusedConnection.ts"
import { classify, isTimeout, timedOut } from "./SqlErrors.ts"

const countedQuery = whileCounted(databaseBusy("query"))
const countedTransaction = whileCounted(databaseBusy("transaction"))

/**
 * Retries a failure that passed quickly and certainly left nothing behind, with jitter. A timeout is not retried: the
 * next attempt would wait as long again. Neither is a refused connection: the next one would be refused too.
 */
const retryTransient = <A, E, R>(
  { retryWindow, maxRetries }: ExecutionLimits,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let started = 0
    const attempt = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      started = now
      return work
    })
    const failedQuickly = Effect.map(Clock.currentTimeMillis, (now) => now - started < retryWindow)
    return Effect.retry(attempt, {
      schedule: Schedule.jittered(Schedule.exponential("20 millis")),
      times: maxRetries,
      while: (error) =>
        error instanceof StoreUnavailable &&
        error.outcome === "notApplied" &&
        !isTimeout(error) &&
        !isConnectionRefused(error.cause) &&
        !isShutdown(error)
          ? failedQuickly
          : false
    })
  })

/** Runs a reading statement within a bounded time and retries transient failures. */
export const readWithin = <A, E, R>(
  limits: ExecutionLimits,
  work: Effect.Effect<A, E | SqlError.SqlError, R>
) => {
  const bounded = Effect.timeoutOrElse(countedQuery(work), {
    duration: limits.queryTimeout,
    orElse: () => timedOut("A query")
  })
  return retryTransient(
    limits,
    classify(bounded, () => "notApplied")
  )
}

/** The same with the limits of the caller. */
export const read = <A, E, R>(work: Effect.Effect<A, E | SqlError.SqlError, R>) =>
  Effect.flatMap(Limits, (limits) => readWithin(limits, work))

/** What an attempt to write is doing. Once it is committing, only the server knows whether it was committed. */
type Phase = "waiting" | "working" | "committing"

/**
 * Runs an attempt with a deadline for each phase that it enters, also if the network has fallen silent. An attempt that
 * misses its deadline is abandoned and interrupted.
 */
const withPhaseDeadlines = Effect.fnUntraced(function* <A, E, R>(
  { acquireTimeout, transactionTimeout, commitTimeout, deadlineCheckInterval }: ExecutionLimits,
  run: (enter: (next: Phase) => Effect.Effect<unknown>) => Effect.Effect<A, E | SqlError.SqlError, R>
) {
  const deadlines: Record<Phase, number> = {
    waiting: acquireTimeout,
    working: transactionTimeout,
    committing: commitTimeout
  }
  let phase: Phase = "waiting"
  let abandoned = false
  const outcome = (): WriteOutcome => (phase === "committing" ? "unknown" : "notApplied")
  const enter = (next: Phase) => (abandoned ? Effect.interrupt : Effect.sync(() => (phase = next)))
  const watch = Effect.gen(function* () {
    for (let watched = phase, elapsed = deadlineCheckInterval; ; elapsed += deadlineCheckInterval) {
      yield* Effect.sleep(deadlineCheckInterval)
      if (phase !== watched) [watched, elapsed] = [phase, 0]
      if (elapsed < deadlines[phase]) continue
      abandoned = true
      return yield* timedOut(`A transaction that is ${phase}`, outcome())
    }
  })
  const running = yield* Effect.forkDetach(countedTransaction(run(enter)), { startImmediately: true })
  const joined = Effect.catchCauseIf(Fiber.join(running), Cause.hasInterruptsOnly, () =>
    Effect.fail(shuttingDown(outcome()))
  )
  return yield* Effect.raceFirst(joined, watch).pipe(
    (raced) => classify(raced, outcome),
    Effect.onExit(() => (abandoned ? Effect.sync(() => running.interruptUnsafe()) : Fiber.interrupt(running)))
  )
})

/** What a transaction needs besides its work. */
export interface TransactionOptions {
  /** How long it waits for a lock, in milliseconds. Defaults to what the session has. */
  readonly lockTimeout?: number | undefined
  /** How long it may work, in milliseconds. Defaults to `transactionTimeout` of `Limits`. */
  readonly timeout?: number | undefined
  /**
   * Whether a COMMIT without an answer is settled. This reads the id of the transaction first, which holds up the feed for as
   * long as the transaction is open: transactions that only read or wait do without. Defaults to true.
   */
  readonly settlesCommit?: boolean | undefined
}

/** The id of the transaction that work runs in. None inside a transaction of the caller's. */
export const CurrentTransaction = Context.Reference<TransactionId | undefined>(
  "effect-commerce/adapters/postgres/CurrentTransaction",
  { defaultValue: () => undefined }
)

/** A host may have changed the default of its database: what was committed while a lock was awaited must be seen. */
const readCommitted = "BEGIN ISOLATION LEVEL READ COMMITTED"

/**
 * Runs work in a transaction of its own: deadlines for each phase, retries of transient failures, and a COMMIT without
 * an answer is settled with the server. Fails with the outcome `unknown` only if the server cannot be asked.
 */
export const transact = <A, E, R>(
  sql: SqlClient.SqlClient,
  limits: ExecutionLimits,
  work: Effect.Effect<A, E | SqlError.SqlError, R>,
  { lockTimeout, timeout = limits.transactionTimeout, settlesCommit = true }: TransactionOptions = {}
) => {
  const { settle } = commitStatus(sql, limits)
  const columns = [
    ...(settlesCommit ? [transactionIdColumns(sql)] : []),
    ...(lockTimeout === undefined ? [] : [sql`set_config('lock_timeout', ${`${lockTimeout}ms`}, true)`])
  ]
  const prepare = columns.length === 0 ? Effect.succeed([]) : sql<TransactionId>`SELECT ${sql.csv(columns)}`

  const settled = (id: TransactionId, value: A, error: StoreUnavailable) =>
    // Whatever fails here, also a bug, says nothing about the transaction.
    Effect.matchCauseEffect(settle(id), {
      onFailure: () => Effect.fail(error),
      onSuccess: (status) =>
        status === "committed"
          ? Effect.succeed(value)
          : Effect.fail(new StoreUnavailable({ outcome: "notApplied", cause: error.cause }))
    })

  const attempt = Effect.suspend(() => {
    let id: TransactionId | undefined
    let result: { readonly value: A } | undefined
    const run = withPhaseDeadlines<A, E, R>({ ...limits, transactionTimeout: timeout }, (enter) =>
      sql.withTransaction(
        Effect.gen(function* () {
          yield* enter("working")
          const [prepared] = yield* prepare
          if (settlesCommit) id = prepared
          const value = yield* Effect.provideService(work, CurrentTransaction, id)
          result = { value }
          yield* enter("committing")
          return value
        })
      )
    )
    return Effect.catchIf(run, isOutcomeUnknown, (error) =>
      id === undefined || result === undefined ? Effect.fail(error) : settled(id, result.value, error)
    )
  })
  return Effect.flatMap(SqlClient.BeginTransaction, (given) =>
    Effect.provideService(retryTransient(limits, attempt), SqlClient.BeginTransaction, given ?? readCommitted)
  )
}

/** A shutdown leaves nothing to ask with. */
const isOutcomeUnknown = (error: unknown): error is StoreUnavailable =>
  error instanceof StoreUnavailable && error.outcome === "unknown" && !isShutdown(error)

/**
 * Runs a statement that commits by itself on a connection of its own. It is never cancelled: PostgreSQL answers a cancelled
 * commit without its standby. If its answer is not awaited any more, the connection is closed instead.
 */
const neverCancelled = <A, E, R>(
  sql: SqlClient.SqlClient,
  beforeSending: Effect.Effect<unknown>,
  statement: Effect.Effect<A, E, R>
) =>
  Effect.scoped(
    Effect.flatMap(Effect.tap(sql.reserve, beforeSending), (connection) =>
      Effect.flatMap(
        Effect.forkDetach(Effect.provideService(statement, sql.transactionService, [connection, 0]), {
          startImmediately: true
        }),
        Fiber.join
      )
    )
  )

/**
 * Reads facts, decides, and writes what follows with one statement, which is its own transaction. It is not retried: if
 * its answer is lost it may have committed.
 */
export const transactSingleStatement = <Facts, A, E, R>(
  sql: SqlClient.SqlClient,
  limits: ExecutionLimits,
  facts: Effect.Effect<Facts, E | SqlError.SqlError, R>,
  write: (facts: Facts) => Effect.Effect<A, E | SqlError.SqlError, R>
) =>
  withPhaseDeadlines<A, E, R>(limits, (enter) =>
    Effect.flatMap(facts, (found) => neverCancelled(sql, enter("committing"), write(found)))
  )
