/** The primary of several workers: processes that serve at one port. It starts and replaces them, and handles no request itself. */
import cluster, { type Worker } from "node:cluster"
import { Array, Clock, Context, Deferred, Duration, Effect, Exit, Layer, Option, Queue } from "effect"
import { RateLimiter } from "effect/persistence"
import { boundedStore } from "../../http/security/BoundedRateLimitStore.ts"
import { type Ask, type Attempt, type OfPrimary, type OfWorker, openChannel } from "./Channel.ts"
import { type Failure, fail } from "./Failure.ts"
import { closeUntaken } from "./Handover.ts"
import { type Settings, workersNeedUrl } from "./Settings.ts"
import { announce, type Start } from "./StartupBanner.ts"
import { mergeMetrics } from "./WorkerMetrics.ts"
import { numberVariable } from "./WorkerNumber.ts"

/** A worker that was started. */
export interface StartedWorker {
  /** Completes when the worker listens. Fails if it ends before that. */
  readonly ready: Effect.Effect<Start, Failure>
  /** Completes with a code or a signal when the worker has ended. */
  readonly ended: Effect.Effect<string>
  /** Lets the worker answer what it has accepted, and completes when it has ended. */
  readonly retire: Effect.Effect<unknown>
}

/** Starts the worker of a number. */
export type StartWorker = (number: number) => Effect.Effect<StartedWorker>

/** A worker that has run for so long, in milliseconds, has not failed to start. */
const steady = 60_000
const maxFailures = 8

/** Time before a worker is started again that has ended so many times in a row. */
const backoff = (failures: number) => Duration.seconds(Math.min(2 ** (failures - 1), 30))

/** Starts a worker again whenever it has ended, and replaces it on request. Fails if it ends again and again. */
const keepRunning = Effect.fnUntraced(function* (
  start: StartWorker,
  number: number,
  first: StartedWorker,
  requests: Queue.Dequeue<Deferred.Deferred<boolean>>
) {
  let current = first
  let startedAt = yield* Clock.currentTimeMillis
  let failures = 0

  const restart = Effect.fnUntraced(function* (how: string) {
    const age = (yield* Clock.currentTimeMillis) - startedAt
    failures = age < steady ? failures + 1 : 1
    if (failures > maxFailures) {
      return yield* fail(
        `WORKERS: worker ${number} ended ${failures} times in a row, the last time with ${how}`
      )
    }
    const delay = backoff(failures)
    yield* Effect.logError(
      `Worker ${number} ended with ${how}. It is started again in ${Duration.toSeconds(delay)} s`
    )
    yield* Effect.sleep(delay)
    startedAt = yield* Clock.currentTimeMillis
    current = yield* start(number)
    const ready = Effect.andThen(current.ready, Effect.logInfo(`Worker ${number} serves again`))
    yield* Effect.forkChild(Effect.ignore(ready))
  })

  const replace = Effect.fnUntraced(function* (isReplaced: Deferred.Deferred<boolean>) {
    const old = current
    // Node drops messages that a worker does not listen to yet, so it would not retire.
    yield* Effect.exit(old.ready)
    const next = yield* start(number)
    if (yield* Effect.isFailure(next.ready)) return yield* Deferred.succeed(isReplaced, false)
    startedAt = yield* Clock.currentTimeMillis
    current = next
    // The next one is watched meanwhile.
    yield* Effect.forkChild(Effect.andThen(old.retire, Deferred.succeed(isReplaced, true)))
  })

  while (true) {
    yield* Effect.flatten(
      Effect.raceFirst(Effect.map(current.ended, restart), Effect.map(Queue.take(requests), replace))
    )
  }
})

/**
 * Starts workers and keeps them running. The first starts before the others, so that it prepares the database for all. `announceAll` is
 * called once all of them listen. Each time that `hangup` completes, replaces one worker after the other.
 */
export const supervise = Effect.fnUntraced(function* (
  count: number,
  start: StartWorker,
  hangup: Effect.Effect<unknown>,
  announceAll: (first: Start) => Effect.Effect<void>
): Effect.fn.Return<void, Failure> {
  const startReady = Effect.fnUntraced(function* (number: number) {
    const worker = yield* start(number)
    return {
      number,
      worker,
      facts: yield* worker.ready,
      requests: yield* Queue.unbounded<Deferred.Deferred<boolean>>()
    }
  })
  const first = yield* startReady(1)
  const others =
    count === 1 ? [] : yield* Effect.forEach(Array.range(2, count), startReady, { concurrency: "unbounded" })
  const workers = [first, ...others]
  yield* announceAll(first.facts)

  const replaceAll = Effect.gen(function* () {
    for (const { number, requests } of workers) {
      const isReplaced = yield* Deferred.make<boolean>()
      yield* Queue.offer(requests, isReplaced)
      if (!(yield* Deferred.await(isReplaced))) {
        return yield* Effect.logError(`A new worker ${number} could not start. The old workers go on`)
      }
      yield* Effect.logInfo(`Worker ${number} is replaced`)
    }
  })
  const keepAll = Effect.forEach(
    workers,
    ({ number, requests, worker }) => keepRunning(start, number, worker, requests),
    { concurrency: "unbounded", discard: true }
  )
  yield* Effect.raceFirst(keepAll, Effect.forever(Effect.andThen(hangup, replaceAll)))
})

/** Counts attempts for all workers, each kind of each shop with counters of its own. */
const makeCount = Effect.gen(function* () {
  const scope = yield* Effect.scope
  const stores = new Map<string, RateLimiter.RateLimiterStore["Service"]>()
  const storeOf = Effect.fnUntraced(function* (name: string) {
    const known = stores.get(name)
    if (known !== undefined) return known
    const context = yield* Layer.buildWithScope(Layer.fresh(boundedStore), scope)
    // Another attempt may have made it in the meantime.
    const store = stores.get(name) ?? Context.get(context, RateLimiter.RateLimiterStore)
    stores.set(name, store)
    return store
  })
  return ({ refill, shop = "", what, ...attempt }: Attempt) =>
    Effect.flatMap(storeOf(`${shop} ${what}`), (store) =>
      Effect.orDie(store.fixedWindow({ ...attempt, refillRate: Duration.millis(refill) }))
    )
})

/** Time for an answer of a worker, which asks the database for its gauges for up to 2 seconds. */
const patience = "4 seconds"

/** Time beyond `SHUTDOWN_DELAY` in which a worker that was replaced has to end. */
const endTime = Duration.seconds(30)

/** Returns what starts worker processes. When the scope closes, all of them get a signal, and it waits for their ends. */
const makeStart = Effect.fnUntraced(function* (
  read: Settings,
  signalOf: (exit: Exit.Exit<unknown, unknown>) => NodeJS.Signals
) {
  const running = new Map<Worker, Deferred.Deferred<string>>()
  /** The workers that serve, each the newest of its number. */
  const serving = new Map<number, Ask<OfPrimary>>()
  const count = yield* makeCount
  const { shutdownDelay } = read.server

  const metrics = Effect.map(
    Effect.forEach(
      serving,
      ([worker, ask]) =>
        Effect.map(ask("measure", null), (text) => ({ worker, text: Option.getOrElse(text, () => "") })),
      { concurrency: "unbounded" }
    ),
    (pages) => mergeMetrics(pages.sort((one, other) => one.worker - other.worker))
  )

  yield* Effect.addFinalizer((exit) =>
    Effect.forEach(
      running,
      ([worker, ended]) => {
        worker.process.kill(signalOf(exit))
        return Deferred.await(ended)
      },
      { concurrency: "unbounded", discard: true }
    )
  )

  return Effect.fnUntraced(function* (number: number) {
    const ready = yield* Deferred.make<Start, Failure>()
    const ended = yield* Deferred.make<string>()
    const worker = cluster.fork({ [numberVariable]: String(number) })
    running.set(worker, ended)
    closeUntaken(worker.process)
    const ask: Ask<OfPrimary> = yield* openChannel<OfPrimary, OfWorker>(
      {
        // A worker that has ended answers nothing, so an error needs no handling.
        send: (message) => void worker.process.send(message, undefined, undefined, () => {}),
        onMessage: (listener) => void worker.on("message", listener)
      },
      patience,
      {
        count,
        metrics: () => metrics,
        ready: (start) =>
          Effect.as(
            Effect.tap(Deferred.succeed(ready, start), () => Effect.sync(() => serving.set(number, ask))),
            null
          )
      }
    )
    const end = (how: string) => {
      running.delete(worker)
      if (serving.get(number) === ask) serving.delete(number)
      Deferred.doneUnsafe(ended, Effect.succeed(how))
      Deferred.doneUnsafe(ready, fail(`WORKERS: worker ${number} ended with ${how} before it listened`))
    }
    worker.once("exit", (code, signal) => end(signal ?? `exit code ${code}`))
    worker.once("error", ({ message }) => end(message))
    const kill = Effect.suspend(() => {
      worker.process.kill("SIGKILL")
      return Effect.logError(`The old worker ${number} did not end in time, and was killed`)
    })
    const retire = ask("retire", null).pipe(
      Effect.andThen(Deferred.await(ended)),
      Effect.timeoutOrElse({
        duration: Duration.sum(shutdownDelay, endTime),
        orElse: () => Effect.andThen(kill, Deferred.await(ended))
      })
    )
    return { ready: Deferred.await(ready), ended: Deferred.await(ended), retire } satisfies StartedWorker
  }, Effect.uninterruptible)
})

/** Completes each time that the process gets SIGHUP. On a terminal that signal ends the process, as it does without workers. */
const makeHangup = Effect.gen(function* () {
  const hangups = yield* Queue.sliding<void>(1)
  if (process.stdout.isTTY !== true) {
    const onHangup = () => Queue.offerUnsafe(hangups, undefined)
    yield* Effect.acquireRelease(
      Effect.sync(() => process.on("SIGHUP", onHangup)),
      () => Effect.sync(() => process.off("SIGHUP", onHangup))
    )
  }
  return Queue.take(hangups)
})

/** Refuses settings that several processes cannot have. */
const requireWorkable = ({ database: { url } }: Settings) => {
  if (url === undefined) return fail(workersNeedUrl)
  if (cluster.isWorker) {
    return fail("WORKERS: more than 1 needs a process of its own, and this is a worker of another program")
  }
  const { bun, deno } = process.versions
  return process.platform === "win32" || bun !== undefined || deno !== undefined
    ? fail("WORKERS: more than 1 needs Node, on a system other than Windows")
    : Effect.void
}

/** Serves with several workers, until it is interrupted or one of them ends again and again. */
export const runWorkers = Effect.fnUntraced(function* (
  read: Settings,
  signal: { readonly isTerminated: boolean }
) {
  yield* requireWorkable(read)
  cluster.schedulingPolicy = cluster.SCHED_RR
  const start = yield* makeStart(read, (exit) =>
    Exit.hasInterrupts(exit) && !signal.isTerminated ? "SIGINT" : "SIGTERM"
  )
  yield* supervise(read.server.workers, start, yield* makeHangup, (facts) => announce(read, facts))
})
