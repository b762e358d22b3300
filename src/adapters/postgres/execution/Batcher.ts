import { Array as Arr, Cause, Deferred, Effect, Exit, Metric, Option, Queue } from "effect"
import { SqlError } from "effect/sql"
import { StoreUnavailable, shuttingDown } from "../../../ports/errors.ts"
import { batchSizes, callersWaiting, whileCounted } from "../../../telemetry/Metrics.ts"
import type { BatchOperation } from "./BatchOperation.ts"
import { Database } from "./Database.ts"
import { HeldRows, patience } from "./LockWaits.ts"
import { oneCaller } from "./OneCaller.ts"
import { alike, answerAll, type Batch, halves, portions, type Waiting, waitFor } from "./PendingRequest.ts"
import type { LockTarget } from "./RowLocks.ts"
import { isLockTimeout } from "./SqlErrors.ts"
import { hasWaited } from "./Transaction.ts"

/** Batches of one kind of work that are in flight at the same time. */
const inFlight = 2

/** Callers whose work goes to the database together. */
const batchSize = 128

/** Rows that one transaction locks, unless one caller alone needs more: so that no batch takes long. */
const rowsAtMost = 1000

/** Callers that may wait; beyond, they wait to be let in. */
const waitingAtMost = 4096

/**
 * Does the work of many callers in one transaction. It gathers while earlier batches are in flight, so a caller alone
 * waits for nobody, and a row that everybody wants costs one lock and one commit for many callers. The work runs in
 * the scope of the layer, never in that of a caller, except inside a transaction that the caller holds.
 */
export const groupCommit = Effect.fnUntraced(function* <In, Out, E>(kind: BatchOperation<In, Out, E>) {
  const { inTransaction } = yield* Database
  const held = yield* HeldRows
  const { direct, alone, onceMore } = yield* oneCaller(kind)
  const queue = yield* Queue.bounded<Waiting<In, Out, E>>(waitingAtMost)
  const unanswered = new Set<Waiting<In, Out, E>>()
  let closed = false
  yield* Effect.addFinalizer(() => {
    closed = true
    return Effect.andThen(Queue.shutdown(queue), each([...unanswered], turnAway))
  })

  const sizes = batchSizes(kind.name)
  const counted = whileCounted(callersWaiting(kind.name))

  const inputsOf = (batch: Batch<In, Out, E>) => Arr.map(batch, ({ input }) => input)
  const doAll = (batch: Batch<In, Out, E>) => kind.together(inputsOf(batch))

  const briefly = (batch: Batch<In, Out, E>) => held.briefly(doAll(batch))

  /** In as few round trips as can be; what has certainly come to nothing can be done in a transaction. */
  const quickly = (batch: Batch<In, Out, E>) =>
    kind.atOnce === undefined
      ? briefly(batch)
      : kind.atOnce(inputsOf(batch), patience).pipe(
          Effect.catch((outage) =>
            outage.outcome === "notApplied" && !hasWaited(outage)
              ? Effect.succeed(undefined)
              : Effect.fail(outage)
          ),
          Effect.flatMap((decided) => (decided === undefined ? briefly(batch) : Effect.succeed(decided)))
        )

  const run = (batch: Batch<In, Out, E>): Effect.Effect<void> =>
    Effect.flatMap(Effect.exit(Effect.suspend(() => quickly(batch))), (exit) =>
      Exit.isSuccess(exit) ? answerAll(batch, exit) : recover(batch, exit.cause, run, setAside)
    )

  const patiently = (batch: Batch<In, Out, E>): Effect.Effect<void> =>
    Effect.flatMap(Effect.exit(Effect.suspend(() => held.patiently(doAll(batch)))), (exit) =>
      Exit.isSuccess(exit) ? answerAll(batch, exit) : recover(batch, exit.cause, patiently)
    )

  const inPortions = (run: (batch: Batch<In, Out, E>) => Effect.Effect<void>) => (batch: Batch<In, Out, E>) =>
    toTheEnd(batch, () =>
      Effect.forEach(
        portions(batch, rowsAtMost),
        (portion) => Effect.andThen(Metric.update(sizes, portion.length), run(portion)),
        { discard: true }
      )
    )

  const scope = yield* Effect.scope

  /** A batch has failed as a whole: whoever can still be served is. */
  const recover = (
    batch: Batch<In, Out, E>,
    cause: Cause.Cause<StoreUnavailable>,
    again: (some: Batch<In, Out, E>) => Effect.Effect<void>,
    locked?: (batch: Batch<In, Out, E>) => Effect.Effect<void>
  ): Effect.Effect<void> => {
    const failed = (some: Batch<In, Out, E>) => answerAll(some, Exit.failCause(cause))
    const outage = Option.getOrUndefined(Cause.findErrorOption(cause))
    const ended = Cause.hasInterrupts(cause)
    if (outage === undefined) {
      // A bug that one caller meets is not its neighbours'.
      return batch.length === 1 || ended
        ? failed(batch)
        : Effect.forEach(halves(batch), again, { discard: true })
    }
    if (locked !== undefined && isLockTimeout(outage)) return locked(batch)
    if (ended || outage.outcome === "notApplied" || hasWaited(outage)) return failed(batch)
    // The answer to COMMIT is lost: trying again tells what has happened.
    let gone = false
    return each(batch, (waiting) =>
      gone || !(kind.found !== undefined || kind.repeatable(waiting.input))
        ? failed([waiting])
        : Effect.map(onceMore(waiting), (exit) => {
            // The database is not back: nobody else of this batch waits to hear the same.
            gone ||= Exit.isFailure(exit) && Cause.findErrorOption(exit.cause).pipe(Option.exists(isGone))
          })
    )
  }

  /** Somebody outside holds a lock for long: who needs that row waits for it, all others go on. */
  const setAside = (batch: Batch<In, Out, E>): Effect.Effect<void> =>
    Effect.flatMap(Effect.exit(held.among(Arr.flatMap(batch, ({ rows }) => rows))), (exit) => {
      if (Exit.isFailure(exit)) return answerAll(batch, Exit.failCause(exit.cause))
      const found = new Set(exit.value)
      const [others, anew]: [Array<Waiting<In, Out, E>>, Array<Waiting<In, Out, E>>] = [[], []]
      const aside: Array<Effect.Effect<unknown>> = []
      for (const waiting of batch) {
        const rows = waiting.rows.filter((row) => found.has(row))
        if (rows.length === 0) others.push(waiting)
        else if (waiting.stoodAside) anew.push(waiting)
        else aside.push(standAside(waiting, rows))
      }
      aside.push(...alike(anew).map((some) => apart(some, patiently)))
      // If no row is held then it was a key, or it is over.
      if (Arr.isArrayNonEmpty(others)) aside.push(aside.length > 0 ? run(others) : apart(others, eachAlone))
      return Effect.all(aside, { discard: true })
    })

  /** Waits for rows with nothing locked, and comes back. */
  const standAside = (waiting: Waiting<In, Out, E>, rows: ReadonlyArray<LockTarget>) =>
    Effect.forkIn(
      Effect.flatMap(Effect.exit(held.free(rows)), (exit) => {
        waiting.stoodAside = true
        return Exit.isFailure(exit)
          ? answerAll([waiting], Exit.failCause(exit.cause))
          : Effect.asVoid(Queue.offer(queue, waiting))
      }),
      scope
    )

  const eachAlone = (batch: Batch<In, Out, E>) =>
    Effect.forEach(batch, alone, { concurrency: "unbounded", discard: true })

  /** No other batch waits for this one. */
  const apart = (batch: Batch<In, Out, E>, run: (batch: Batch<In, Out, E>) => Effect.Effect<void>) =>
    Effect.forkIn(toTheEnd(batch, run), scope)

  const runAll = inPortions(run)
  let idle = inFlight
  const worker = Effect.forever(
    Effect.gen(function* () {
      yield* Queue.peek(queue)
      // Idle workers share those who wait, so that one batch is prepared here while the database is busy with the other.
      const share = Math.ceil(Queue.sizeUnsafe(queue) / idle)
      const taken = yield* Queue.takeBetween(queue, 1, Math.min(share, batchSize))
      const batch = taken.filter(({ abandoned }) => !abandoned)
      if (!Arr.isReadonlyArrayNonEmpty(batch)) return
      idle -= 1
      yield* Effect.ensuring(
        runAll(batch),
        Effect.sync(() => (idle += 1))
      )
    })
  )
  yield* Effect.forEach(Arr.range(1, inFlight), () => Effect.forkScoped(worker), { discard: true })

  const together = (input: In): Effect.Effect<Out, E | StoreUnavailable> =>
    Effect.suspend(() => {
      if (closed) return Effect.fail(shuttingDown("notApplied"))
      const waiting = waitFor<In, Out, E>(input, kind.rows(input))
      unanswered.add(waiting)
      const awaited = held.awaited(waiting.rows)
      const enter: Effect.Effect<unknown> =
        awaited.length === 0 ? Queue.offer(queue, waiting) : standAside(waiting, awaited)
      return Effect.onExit(Effect.andThen(enter, Deferred.await(waiting.answer)), () =>
        Effect.sync(() => {
          unanswered.delete(waiting)
          waiting.abandoned = true
        })
      )
    })

  return (input: In) =>
    Effect.flatMap(inTransaction, (joined) => {
      const rows = kind.alone?.(input) ?? (joined ? Effect.succeed(kind.rows(input)) : undefined)
      return rows === undefined ? counted(together(input)) : direct(input, rows)
    })
})

/** The database does not answer; that a row is held, or a refusal in doubt, does not say so. */
const isGone = (error: unknown): boolean =>
  error instanceof StoreUnavailable &&
  !isLockTimeout(error) &&
  (hasWaited(error) || SqlError.isSqlError(error.cause))

const turnAway = <In, Out, E>(waiting: Waiting<In, Out, E>) =>
  answerAll([waiting], Exit.fail(shuttingDown("notApplied")))

const toTheEnd = <In, Out, E>(
  batch: Batch<In, Out, E>,
  run: (batch: Batch<In, Out, E>) => Effect.Effect<void>
) => Effect.onInterrupt(run(batch), () => answerAll(batch, Exit.fail(shuttingDown("unknown"))))

const each = <A>(items: ReadonlyArray<A>, work: (item: A) => Effect.Effect<unknown>): Effect.Effect<void> =>
  Effect.forEach(items, work, { concurrency: inFlight, discard: true })
