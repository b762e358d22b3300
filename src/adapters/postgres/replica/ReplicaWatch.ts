import { Cause, Effect, Exit, Fiber, Metric } from "effect"
import type { SqlClient } from "effect/sql"
import { type LogPosition, offsetOf } from "../../../domain/shared/LogPosition.ts"
import { reasonOf } from "../../../ports/errors.ts"
import { replicaInUse, replicaLag } from "../../../telemetry/Metrics.ts"
import { startTimer, stopTimer } from "../execution/PlatformScheduler.ts"
import { newest } from "../schema/Migrations.ts"
import type { ReplicaConnections } from "./ReplicaClient.ts"
import { lagAt, observePrimary, observeReplica, type ReplicaLag, unknownLag } from "./ReplicaLag.ts"
import { type PrimaryFacts, type ReplicaFacts, readPrimary, readReplica, unfitness } from "./ServerFacts.ts"

/** Time between two samples while reads come, and without them. Milliseconds. */
const sampleInterval = 250
const idleInterval = 5_000

/** How long no read must have come for that. */
const idleAfter = 10_000

/** How long a server may take to describe itself. A replica that does not answer for so long is left out. */
const sampleTimeout = 1_000

// Taken when this module is loaded: a test of the host may fake it later.
const now = performance.now.bind(performance)

/** The replica was left out while it was asked. */
export class ReplicaGone {
  readonly _tag = "ReplicaGone"
}

/** What the last sample has found. */
type Sampled = { readonly replayed: LogPosition } | { readonly leftOut: string }

const silent = new Error("the server does not answer")

// In a fiber of its own: a statement on a silent connection is not interrupted in time.
const bounded = <A, E>(asking: Effect.Effect<A, E>): Effect.Effect<A, E | Error> =>
  Effect.flatMap(Effect.forkDetach(asking), (fiber) =>
    Effect.raceFirst(
      Fiber.join(fiber),
      Effect.andThen(
        pause(sampleTimeout, () => {}),
        Effect.fail(silent)
      )
    ).pipe(Effect.onExit(() => Effect.sync(() => fiber.interruptUnsafe())))
  )

/** Waits for some milliseconds, or for a call of the function that `onStart` receives. */
const pause = (millis: number, onStart: (wake: () => void) => void): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const wake = () => resume(Effect.void)
    const timer = Number.isFinite(millis) ? startTimer(wake, millis) : undefined
    onStart(wake)
    return Effect.sync(() => timer !== undefined && stopTimer(timer))
  })

/**
 * Watches a replica for as long as the scope is open: asks the primary for its position and the replica for how far it has replayed,
 * every 250 ms while reads come, and seldom otherwise. Does not begin before the first read.
 */
export const watchReplica = Effect.fnUntraced(function* (
  primary: SqlClient.SqlClient,
  { control, maxLag, server }: ReplicaConnections,
  schema: string
) {
  let lag: ReplicaLag = unknownLag
  let sampled: Sampled = { leftOut: "it was not asked yet" }
  let known: PrimaryFacts | undefined
  /** Ends reads that the replica has not answered yet. */
  const reading = new Set<() => void>()
  let lastRead = Number.NEGATIVE_INFINITY
  let wake: (() => void) | undefined
  let wasInUse: boolean | undefined

  /** Leaves the replica out until the next sample. Reads that it has not answered yet are asked at the primary. */
  const leaveOut = (reason: string): void => {
    sampled = { leftOut: reason }
    for (const end of reading) end()
  }

  /** Why the replica is left out now, or `undefined`. */
  const exclusion = (): string | undefined => {
    if ("leftOut" in sampled) return sampled.leftOut
    const late = lagAt(lag, now())
    if (late === undefined) return "it has not caught up yet"
    return late <= maxLag ? undefined : `it lags by ${(late / 1000).toFixed(1)} s`
  }

  const onPrimary = (facts: PrimaryFacts, at: number) => {
    if (known?.system !== facts.system || known.timeline !== facts.timeline) lag = unknownLag
    known = facts
    lag = observePrimary(lag, { offset: offsetOf(facts.position), at })
  }

  const onReplica = (facts: ReplicaFacts) => {
    if (known === undefined) return leaveOut("the primary was not asked yet")
    const reason = unfitness(known, facts, newest)
    if (reason !== undefined) return leaveOut(reason)
    // A server that was started again, or another one, may have replayed less than the one before.
    if (server.started !== facts.started) {
      leaveOut("it was started again")
      lag = { ...lag, caughtUpAt: undefined }
      server.started = facts.started
    }
    sampled = { replayed: facts.replayed }
    lag = observeReplica(lag, offsetOf(facts.replayed))
  }

  /** Says so once if the replica is left out, or is read again. */
  const report = Effect.suspend(() => {
    const reason = exclusion()
    const isInUse = reason === undefined
    const late = lagAt(lag, now())
    const measured = Effect.andThen(
      late === undefined ? Metric.remove(replicaLag) : Metric.update(replicaLag, late / 1000),
      Metric.update(replicaInUse, isInUse ? 1 : 0)
    )
    if (wasInUse === isInUse) return measured
    wasInUse = isInUse
    return Effect.andThen(
      measured,
      isInUse
        ? Effect.logInfo("The replica answers reads")
        : Effect.logWarning(`The replica is left out, and the primary answers all reads: ${reason}`)
    )
  })

  // The primary first: a replica without lag has its position then.
  const sample = Effect.gen(function* () {
    const at = now()
    const [ofPrimary, ofReplica] = yield* Effect.all([
      Effect.exit(bounded(readPrimary(primary))),
      Effect.exit(bounded(readReplica(control, schema)))
    ])
    if (Exit.isSuccess(ofPrimary)) onPrimary(ofPrimary.value, at)
    if (Exit.isSuccess(ofReplica)) onReplica(ofReplica.value)
    else leaveOut(reasonOf(Cause.squash(ofReplica.cause)))
    yield* report
  })

  const nextSample = Effect.suspend(() => {
    const idle = now() - lastRead
    if (idle < idleAfter) return pause(sampleInterval, () => {})
    return pause(idle === Number.POSITIVE_INFINITY ? idle : idleInterval, (start) => {
      wake = start
    })
  })
  yield* Effect.forkScoped(
    Effect.withTracerEnabled(Effect.forever(Effect.andThen(nextSample, sample)), false)
  )
  yield* Effect.addFinalizer(() => Effect.sync(() => leaveOut("the shop is closed")))

  return {
    /** Notes that a read has come. Returns how far the replica has replayed, or `undefined` if it is left out. */
    replayed: (): LogPosition | undefined => {
      lastRead = now()
      wake?.()
      wake = undefined
      return exclusion() === undefined && "replayed" in sampled ? sampled.replayed : undefined
    },
    /** Notes what the replica says between two samples. */
    observe: (replayed: LogPosition): void => {
      if ("leftOut" in sampled || offsetOf(replayed) < offsetOf(sampled.replayed)) return
      sampled = { replayed }
      lag = observeReplica(lag, offsetOf(replayed))
    },
    leaveOut,
    /** Fails with `ReplicaGone` if the replica is left out while the work runs. */
    whilePresent: <A, E>(work: Effect.Effect<A, E>): Effect.Effect<A, E | ReplicaGone> =>
      Effect.withFiber(({ context }) =>
        Effect.callback<A, E | ReplicaGone>((resume) => {
          // In a fiber of its own: a statement on a silent connection is not interrupted in time.
          const fiber = Effect.runForkWith(context)(work)
          const end = () => {
            reading.delete(end)
            resume(Effect.fail(new ReplicaGone()))
            fiber.interruptUnsafe()
          }
          reading.add(end)
          fiber.addObserver((exit) => {
            if (reading.delete(end)) resume(exit)
          })
          return Effect.sync(() => {
            if (reading.delete(end)) fiber.interruptUnsafe()
          })
        })
      )
  }
})
