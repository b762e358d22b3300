import { Array as Arr, Cause, Deferred, Effect, Exit, Metric, Option, Queue, Result } from "effect"
import {
  isShutdown,
  outcomeUnknown,
  StoreUnavailable,
  shuttingDown,
  type WriteOutcome
} from "../../../ports/errors.ts"
import { batchSizes, callersWaiting, whileCounted } from "../../../telemetry/Metrics.ts"
import { type BatchOperation, BatchRefused, type LockTargets } from "./BatchOperation.ts"
import { commitStatus } from "./CommitStatus.ts"
import { Database } from "./Database.ts"
import { hotRow, hotRows } from "./HotRows.ts"
import { type LockTarget, LockWaits } from "./LockWaits.ts"
import {
  type Batch,
  bisect,
  chunkByLocks,
  completeAll,
  groupByLocks,
  inputsOf,
  type PendingRequest,
  pendingRequest
} from "./PendingRequest.ts"
import { isLockTimeout, isTimeout, timedOut } from "./SqlErrors.ts"
import type { TransactionOptions } from "./Transaction.ts"

/**
 * Runs the requests of one operation, many in one transaction (group commit). Requests queue while earlier batches are in
 * flight, so a single request waits for none, and a row that every request locks costs one lock and one commit for many.
 *
 * A request is queued, running, and done. It is blocked if another transaction holds one of its rows for long: then it
 * waits with nothing locked, and is queued again. A batch that fails because of a bug is bisected.
 *
 * Batches run in the scope of the layer. A request that is not batched runs in its caller's fiber, and every request
 * inside a transaction of the caller's runs there.
 */
export const batcher = Effect.fnUntraced(function* <In, Out, E>(operation: BatchOperation<In, Out, E>) {
  type Request = PendingRequest<In, Out, E>
  type Requests = Batch<In, Out, E>
  type Results = ReadonlyArray<Result.Result<Out, E>>
  type Attempt = (batch: Requests) => Effect.Effect<Results | BatchRefused<E>, E | StoreUnavailable>

  const { sql, limits, query, transaction, inTransaction } = yield* Database
  const locks = yield* LockWaits
  const { awaitDurability } = commitStatus(sql, limits)
  const scope = yield* Effect.scope
  const queue = yield* Queue.bounded<Request>(limits.maxQueuedRequests)
  const unanswered = new Set<Request>()
  let isClosed = false

  // Attempts

  const isBatchRefused = (error: unknown): error is BatchRefused<E> => error instanceof BatchRefused

  const inOneTransaction = (batch: Requests, options?: TransactionOptions) =>
    Effect.catchIf(transaction(operation.execute(inputsOf(batch)), options), isBatchRefused, Effect.succeed)

  const withShortLockTimeout: Attempt = (batch) =>
    inOneTransaction(batch, { lockTimeout: limits.shortLockTimeout })

  const withFullLockTimeout: Attempt = (batch) => locks.withFullLockTimeout(inOneTransaction(batch))

  /** Tries a single statement first. What it has certainly not written is left to a transaction. */
  const tryFastPath: Attempt = (batch) =>
    operation.executeSingleStatement === undefined
      ? withShortLockTimeout(batch)
      : operation.executeSingleStatement(inputsOf(batch), limits.shortLockTimeout).pipe(
          Effect.catch((error) =>
            error.outcome === "notApplied" && !isTimeout(error)
              ? Effect.succeed(undefined)
              : Effect.fail(error)
          ),
          Effect.flatMap((results) =>
            results === undefined ? withShortLockTimeout(batch) : Effect.succeed(results)
          )
        )

  const attemptDirectly: Attempt = (batch) => locks.withRunPermit(withShortLockTimeout(batch))

  const run = (
    batch: Requests,
    attempt: Attempt = batch[0].isDirect ? attemptDirectly : tryFastPath
  ): Effect.Effect<void> =>
    Effect.flatMap(Effect.exit(Effect.suspend(() => attempt(batch))), (exit) => {
      if (Exit.isFailure(exit)) return recover(batch, exit.cause, attempt)
      return exit.value instanceof BatchRefused
        ? handleRefused(batch, exit.value, attempt)
        : completeAll(batch, Exit.succeed(exit.value))
    })

  const recover = (
    batch: Requests,
    cause: Cause.Cause<E | StoreUnavailable>,
    attempt: Attempt
  ): Effect.Effect<void> => {
    const failAll = completeAll(batch, Exit.failCause(cause))
    const error = Option.getOrUndefined(Cause.findErrorOption(cause))
    if (Cause.hasInterrupts(cause)) return failAll
    if (error instanceof StoreUnavailable) {
      if (isLockTimeout(error) && attempt !== withFullLockTimeout) return handleBlocked(batch)
      const lookUp = operation.lookup !== undefined && attempt === tryFastPath
      return lookUp && error.outcome === "unknown" && !isShutdown(error)
        ? resolveUnknown(batch, error)
        : failAll
    }
    // A bug that one request meets must not fail the other requests of its batch.
    return error === undefined && batch.length > 1
      ? Effect.forEach(bisect(batch), (half) => run(half, attempt), { discard: true })
      : failAll
  }

  /** Refuses some requests, and runs the others without them: at least one request less each time. */
  const handleRefused = Effect.fnUntraced(function* (
    batch: Requests,
    { refused, separately }: BatchRefused<E>,
    attempt: Attempt
  ) {
    const others: Array<Request> = []
    for (const [index, request] of batch.entries()) {
      const refusal = refused.get(index)
      if (refusal !== undefined) yield* completeAll([request], Exit.succeed([Result.fail(refusal)]))
      else if (!separately.has(index)) others.push(request)
    }
    if (Arr.isArrayNonEmpty(others)) yield* run(others, attempt)
    for (const index of separately) yield* run([Arr.getUnsafe(batch, index)], attempt)
  })

  // Blocked requests

  /** Another transaction holds rows for long: requests that want them wait, all others go on. */
  const handleBlocked = (batch: Requests): Effect.Effect<void> => {
    const found = Effect.gen(function* () {
      const requests = yield* Effect.forEach(batch, (request) =>
        Effect.map(targetsOf(request.lockTargets), (targets) => [request, targets] as const)
      )
      const locked = new Set(yield* locks.findLocked(requests.flatMap(([, targets]) => targets)))
      return { requests, locked }
    })
    return Effect.flatMap(Effect.exit(found), (exit) => {
      if (Exit.isFailure(exit)) return completeAll(batch, Exit.failCause(exit.cause))
      const { requests, locked } = exit.value
      const unblocked: Array<Request> = []
      const blockedAgain: Array<readonly [Request, ReadonlyArray<LockTarget>]> = []
      const next: Array<Effect.Effect<unknown>> = []
      for (const [request, targets] of requests) {
        const blockers = targets.filter((target) => locked.has(target))
        if (blockers.length === 0) unblocked.push(request)
        else if (request.waitedForRows) blockedAgain.push([request, targets])
        else next.push(waitSeparately(request, blockers))
      }
      for (const group of groupByLocks(blockedAgain)) {
        next.push(separately(group, (some) => run(some, withFullLockTimeout)))
      }
      if (Arr.isArrayNonEmpty(unblocked)) {
        next.push(next.length > 0 ? run(unblocked) : runUnblocked(unblocked))
      }
      return Effect.all(next, { discard: true })
    })
  }

  /** No row is locked any more, or an idempotency key is claimed by another transaction: each request finds out by itself. */
  const runUnblocked = (batch: Requests): Effect.Effect<unknown> =>
    batch.length === 1
      ? separately(batch, (only) => run(only, withFullLockTimeout))
      : Effect.forEach(batch, (request) => separately([request], (only) => run(only, attemptDirectly)))

  const targetsOf = (targets: LockTargets) =>
    Effect.isEffect(targets) ? query(targets) : Effect.succeed(targets)

  const waitThenRequeue = (request: Request, targets: ReadonlyArray<LockTarget>): Effect.Effect<void> =>
    Effect.flatMap(Effect.exit(locks.waitUntilUnlocked(targets)), (exit) => {
      request.waitedForRows = true
      if (Exit.isFailure(exit)) return completeAll([request], Exit.failCause(exit.cause))
      return request.isDirect ? run([request]) : Effect.asVoid(Queue.offer(queue, request))
    })

  /** Keeps a batch from blocking later ones. A direct request blocks nothing but its caller. */
  const separately = (
    batch: Requests,
    work: (batch: Requests) => Effect.Effect<void>,
    outcome: WriteOutcome = "unknown"
  ): Effect.Effect<unknown> =>
    batch[0].isDirect ? work(batch) : Effect.forkIn(failOnInterrupt(batch, work, outcome), scope)

  /** Nothing is sent for a request while it waits. */
  const waitSeparately = (request: Request, targets: ReadonlyArray<LockTarget>) =>
    separately([request], () => waitThenRequeue(request, targets), "notApplied")

  // A single statement without an answer

  /**
   * The statement may have committed, or may still commit. Each request has had its id before, so repeating it cannot take
   * effect twice. Until the statement is known to have failed, no request is refused and none is said to have had no effect.
   */
  const resolveUnknown = Effect.fnUntraced(function* (batch: Requests, error: StoreUnavailable) {
    const failUnknown = (some: Requests) => completeAll(some, Exit.fail(outcomeUnknown(error)))
    if ((yield* completeWritten(batch)) !== "none") return
    const repeated = yield* Effect.exit(withFullLockTimeout(batch))
    if (Exit.isFailure(repeated) || repeated.value instanceof BatchRefused) {
      if ((yield* completeWritten(batch)) === "none") yield* failUnknown(batch)
      return
    }
    const refused: Array<Request> = []
    for (const [index, request] of batch.entries()) {
      const result = Arr.getUnsafe(repeated.value, index)
      if (Result.isSuccess(result)) yield* completeAll([request], Exit.succeed([result]))
      else refused.push(request)
    }
    // The units may be gone because the statement has taken them.
    if (Arr.isArrayNonEmpty(refused) && (yield* completeWritten(refused)) === "none") {
      yield* failUnknown(refused)
    }
  })

  /**
   * Answers the requests that the statement has written: all of its requests, or none. Requests that were not part of it
   * are run. Fails all if the database cannot be read.
   */
  const completeWritten = Effect.fnUntraced(function* (batch: Requests) {
    const lookup = query(operation.lookup?.(inputsOf(batch)) ?? Effect.succeed([]))
    const written = yield* Effect.exit(
      Effect.timeoutOrElse(
        Effect.tap(lookup, () => awaitDurability),
        {
          duration: limits.settleTimeout,
          orElse: () => timedOut("Reading what a statement has written", "unknown")
        }
      )
    )
    if (Exit.isFailure(written)) {
      yield* completeAll(batch, Exit.failCause(Cause.map(written.cause, outcomeUnknown)))
      return "unreadable"
    }
    if (written.value.every((out) => out === undefined)) return "none"
    const missing: Array<Request> = []
    for (const [index, request] of batch.entries()) {
      const out = written.value[index]
      if (out === undefined) missing.push(request)
      else yield* completeAll([request], Exit.succeed([Result.succeed(out)]))
    }
    if (Arr.isArrayNonEmpty(missing)) yield* run(missing)
    return "written"
  })

  // The queue

  yield* Effect.addFinalizer(() => {
    isClosed = true
    const rejected = Exit.fail(shuttingDown("notApplied"))
    const rejectAtShutdown = Effect.forEach([...unanswered], (request) => completeAll([request], rejected))
    return Effect.andThen(Queue.shutdown(queue), rejectAtShutdown)
  })

  const sizes = batchSizes(operation.name)
  const counted = whileCounted(callersWaiting(operation.name))

  const runChunks = (batch: Requests) =>
    failOnInterrupt(batch, () =>
      Effect.forEach(
        chunkByLocks(batch, limits.maxLocksPerBatch),
        (chunk) => Effect.andThen(Metric.update(sizes, chunk.length), run(chunk)),
        { discard: true }
      )
    )

  const hot = hotRows(limits.shortLockTimeout)
  let idle = limits.batchesInFlight

  const take = (most: number) =>
    Effect.map(
      Queue.takeBetween(queue, 1, most),
      Arr.filter(({ abandoned }) => !abandoned)
    )

  const worker = Effect.forever(
    Effect.gen(function* () {
      const next = yield* Queue.peek(queue)
      const isFull = Queue.sizeUnsafe(queue) >= limits.maxBatchSize
      if (!isFull && (yield* hot.awaitBatchFor(next))) return
      // Idle workers share the queue: one batch is prepared here while the database works on the other.
      const share = Math.min(Math.ceil(Queue.sizeUnsafe(queue) / idle), limits.maxBatchSize)
      const some = yield* take(share)
      const row = hotRow(some)
      const rest =
        row !== undefined && Queue.sizeUnsafe(queue) > 0 ? yield* take(limits.maxBatchSize - share) : []
      const batch = [...some, ...rest]
      if (!Arr.isReadonlyArrayNonEmpty(batch)) return
      idle -= 1
      const running = Effect.ensuring(
        runChunks(batch),
        Effect.sync(() => (idle += 1))
      )
      if (row === undefined) return yield* running
      yield* hot.whileInFlight(row, running)
      // Callers that are answered now may have more requests for the row.
      yield* Effect.yieldNow
    })
  )
  if (operation.isBatched !== false) {
    yield* Effect.replicateEffect(Effect.forkScoped(worker), limits.batchesInFlight, { discard: true })
  }

  // Requests

  /** Rows that are waited for already are waited for before the request runs. */
  const admit = (request: Request, targets: ReadonlyArray<LockTarget>): Effect.Effect<unknown> => {
    const awaited = locks.alreadyWaiting(targets)
    if (awaited.length > 0) return waitSeparately(request, awaited)
    return request.isDirect ? run([request]) : Queue.offer(queue, request)
  }

  const enqueue = (
    input: In,
    lockTargets: ReadonlyArray<LockTarget>
  ): Effect.Effect<Out, E | StoreUnavailable> =>
    Effect.suspend(() => {
      if (isClosed) return Effect.fail(shuttingDown("notApplied"))
      const request: Request = pendingRequest(input, lockTargets, false)
      unanswered.add(request)
      return Effect.onExit(
        Effect.andThen(admit(request, lockTargets), Deferred.await(request.response)),
        () =>
          Effect.sync(() => {
            unanswered.delete(request)
            request.abandoned = true
          })
      )
    })

  const runDirectly = (input: In, lockTargets: LockTargets): Effect.Effect<Out, E | StoreUnavailable> =>
    Effect.suspend(() => {
      const request: Request = pendingRequest(input, lockTargets, true)
      const known = locks.anyWaits() ? targetsOf(lockTargets) : Effect.succeed([])
      return Effect.andThen(
        Effect.flatMap(known, (targets) => admit(request, targets)),
        Deferred.await(request.response)
      )
    })

  /** A refusal rolls its savepoint back, which releases the locks and the claim of the key. */
  const joinTransaction = (input: In): Effect.Effect<Out, E | StoreUnavailable> =>
    transaction(
      operation.execute([input]).pipe(
        Effect.catchIf(isBatchRefused, ({ refused }) =>
          Effect.succeed([...refused.values()].map((refusal) => Result.fail(refusal)))
        ),
        Effect.flatMap((results) => Effect.fromResult(Arr.getUnsafe(results, 0)))
      )
    )

  return (input: In): Effect.Effect<Out, E | StoreUnavailable> =>
    Effect.flatMap(inTransaction, (joined) => {
      if (joined) return joinTransaction(input)
      const separate = operation.lockSeparately?.(input)
      if (separate !== undefined) return runDirectly(input, separate)
      const targets = operation.lockTargets(input)
      return Effect.isEffect(targets) || operation.isBatched === false
        ? runDirectly(input, targets)
        : counted(enqueue(input, targets))
    })
})

/** Answers a batch whose work is interrupted by a shutdown. */
const failOnInterrupt = <In, Out, E>(
  batch: Batch<In, Out, E>,
  work: (batch: Batch<In, Out, E>) => Effect.Effect<void>,
  outcome: WriteOutcome = "unknown"
) => Effect.onInterrupt(work(batch), () => completeAll(batch, Exit.fail(shuttingDown(outcome))))
