import { Cause, Clock, Context, Effect, Fiber, Schedule } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import {
  isShutdown,
  outcomeUnknown,
  StoreUnavailable,
  shuttingDown,
  type WriteOutcome
} from "../../../ports/errors.ts"
import { databaseBusy, whileCounted } from "../../../telemetry/Metrics.ts"
import { classify, isLockTimeout } from "./SqlErrors.ts"

/** How long work waits for a connection of the pool, which itself would wait for ever, and for BEGIN. */
export const longestWait = 5_000

/** How often a transaction is looked at. */
const tick = 1_000

/** How long a reading statement may take. */
const longestQuery = "30 seconds"

export class TookTooLong extends Error {}

export const late = (what: string, outcome: WriteOutcome = "notApplied") =>
  Effect.fail(new StoreUnavailable({ outcome, cause: new TookTooLong(`${what} takes too long`) }))

/** Whoever has waited for a lock, or for the database to answer, as long as one may. */
export const hasWaited = (error: StoreUnavailable): boolean =>
  isLockTimeout(error) || error.cause instanceof TookTooLong

/** What has taken longer, in milliseconds, has taken long enough. */
const soon = 1_000

/**
 * An outage that is met soon is worth another try, a few times within a second and with jitter, if it certainly left
 * nothing behind or if the work may be repeated.
 */
const again = <A, E, R>(work: Effect.Effect<A, E, R>, repeatable: boolean): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let started = 0
    let doubtful = false
    const attempt = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      started = now
      return Effect.mapError(work, (error) => {
        if (!(error instanceof StoreUnavailable)) return error
        doubtful ||= error.outcome === "unknown"
        return doubtful ? (outcomeUnknown(error) as typeof error) : error
      })
    })
    const wasSoon = Effect.map(Clock.currentTimeMillis, (now) => now - started < soon)
    return Effect.retry(attempt, {
      schedule: Schedule.jittered(Schedule.exponential("20 millis")),
      times: 5,
      while: (error) =>
        error instanceof StoreUnavailable &&
        (error.outcome === "notApplied" || repeatable) &&
        !hasWaited(error) &&
        !isShutdown(error)
          ? wasSoon
          : false
    })
  })

const countedQuery = whileCounted(databaseBusy("query"))
const countedTransaction = whileCounted(databaseBusy("transaction"))

/** Reads, within a bounded time; that leaves nothing behind. */
export const read = <A, E, R>(work: Effect.Effect<A, E | SqlError.SqlError, R>) => {
  const bounded = Effect.timeoutOrElse(countedQuery(work), {
    duration: longestQuery,
    orElse: () => late("A query")
  })
  return again(
    classify(bounded, () => "notApplied"),
    true
  )
}

/** Whatever a host has made the default of its database: what a lock has waited for must be seen once it is held. */
const readCommitted = "BEGIN ISOLATION LEVEL READ COMMITTED"

/** How long a transaction may work, in milliseconds: a little longer than the server lets any of its statements. */
export const LongestWork = Context.Reference<number>("effect-commerce/adapters/postgres/LongestWork", {
  defaultValue: () => 75_000
})

/** How long the answer to COMMIT may take. */
export const longestCommit = 10_000

/** What an attempt to write is doing; once it is committing, only the answer tells whether it was committed. */
type Stage = "waiting" | "working" | "committing"

/**
 * Runs an attempt, which enters one stage after the other, within a bounded time each, even if the database has fallen
 * silent: then it is given up, and left to end by itself.
 */
const inStages = Effect.fnUntraced(function* <A, E, R>(
  run: (enter: (next: Stage) => Effect.Effect<unknown>) => Effect.Effect<A, E | SqlError.SqlError, R>
) {
  const longest: Record<Stage, number> = {
    waiting: longestWait,
    working: yield* LongestWork,
    committing: longestCommit
  }
  let stage: Stage = "waiting"
  let givenUp = false
  const outcomeNow = (): WriteOutcome => (stage === "committing" ? "unknown" : "notApplied")
  const enter = (next: Stage) => (givenUp ? Effect.interrupt : Effect.sync(() => (stage = next)))
  const watch = Effect.gen(function* () {
    for (let watched = stage, waited = tick; ; waited += tick) {
      yield* Effect.sleep(tick)
      if (stage !== watched) [watched, waited] = [stage, 0]
      if (waited < longest[stage]) continue
      givenUp = true
      return yield* late(`A transaction that is ${stage}`, outcomeNow())
    }
  })
  const running = yield* Effect.forkDetach(countedTransaction(run(enter)), { startImmediately: true })
  const joined = Effect.catchCauseIf(Fiber.join(running), Cause.hasInterruptsOnly, () =>
    Effect.fail(shuttingDown(outcomeNow()))
  )
  return yield* Effect.raceFirst(joined, watch).pipe(
    (raced) => classify(raced, outcomeNow),
    Effect.onExit(() => (givenUp ? Effect.sync(() => running.interruptUnsafe()) : Fiber.interrupt(running)))
  )
})

/**
 * A transaction of its own. If the answer to COMMIT is lost, the outage has the outcome `unknown`, and only
 * `repeatable` work (guarded by a key, or by the state that it leaves) is tried again.
 */
export const transact = <A, E, R>(
  sql: SqlClient.SqlClient,
  work: Effect.Effect<A, E | SqlError.SqlError, R>,
  repeatable = false
) => {
  const attempt = inStages<A, E, R>((enter) =>
    sql.withTransaction(
      Effect.gen(function* () {
        yield* enter("working")
        const value = yield* work
        yield* enter("committing")
        return value
      })
    )
  )
  return Effect.flatMap(SqlClient.BeginTransaction, (given) =>
    Effect.provideService(again(attempt, repeatable), SqlClient.BeginTransaction, given ?? readCommitted)
  )
}

/** Reads, and writes what comes of it with one statement, which is a transaction of its own. Is tried once. */
export const readAndWrite = <Facts, A, E, R>(
  facts: Effect.Effect<Facts, E | SqlError.SqlError, R>,
  write: (facts: Facts) => Effect.Effect<A, E | SqlError.SqlError, R>
) =>
  inStages<A, E, R>((enter) =>
    Effect.flatMap(facts, (found) => Effect.andThen(enter("committing"), write(found)))
  )
