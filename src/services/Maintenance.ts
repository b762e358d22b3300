import { Duration, Effect, Layer, Schedule, Schema } from "effect"
import type { StoreUnavailable } from "../ports/errors.ts"
import { IdempotencyKeyStore } from "../ports/IdempotencyKeyStore.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { StoreHealth } from "../ports/Stores.ts"
import {
  type Maintenance as DecodedMaintenance,
  Maintenance as MaintenanceSchema,
  type MaintenanceSettings
} from "../settings/MaintenanceSettings.ts"
import { now } from "./Ids.ts"
import { Orders } from "./Orders.ts"
import { Payments } from "./Payments.ts"

const prunedAtOnce = 1000

/** Does it now, and then again and again; an outage is logged, and does not end it. */
const repeatForever = <A, E>(what: string, every: Duration.Input, work: Effect.Effect<A, E>) =>
  work.pipe(
    Effect.catchCause((cause) => Effect.logWarning(`${what} has to wait`, cause)),
    Effect.repeat(Schedule.jittered(Schedule.spaced(every))),
    Effect.forkScoped
  )

/** Deletes all that is older, in bounded sweeps. */
const prune = Effect.fnUntraced(function* (
  sweep: (before: Date, take: number, at: Date) => Effect.Effect<number, StoreUnavailable>,
  age: number
) {
  const at = yield* now
  const before = new Date(at.getTime() - age)
  while ((yield* sweep(before, prunedAtOnce, at)) === prunedAtOnce);
})

/** Differences between the clocks of this process and of the storage that are logged, and that stop sweeps, in milliseconds. */
const loggedOffset = 5_000
const largestOffset = 60_000

/**
 * Skips sweeps while the clock of this process is wrong by more than a minute: what it writes has wrong times, and its log
 * is hard to read. Logs a difference once until it has passed.
 */
export const withGoodClock = () => {
  let logged = 0
  return <A, E, E2>(
    clockOffset: Effect.Effect<number, E>,
    sweep: Effect.Effect<A, E2>
  ): Effect.Effect<A | undefined, E | E2> =>
    Effect.flatMap(clockOffset, (offset) => {
      const distance = Math.abs(offset)
      const seconds = Math.round(distance / 1000)
      const direction = offset > 0 ? "behind" : "ahead of"
      const skips = distance > largestOffset
      const words = `The clock of this process is ${seconds} s ${direction} the database${skips ? ": maintenance is suspended" : ""}`
      const level = skips ? 2 : distance > loggedOffset ? 1 : 0
      const log = level > logged ? Effect.logError(words) : Effect.void
      logged = level
      return Effect.andThen(log, skips ? Effect.undefined : sweep)
    })
}

/** One kind of work that a shop does by itself. */
interface Job {
  readonly what: string
  readonly work: Effect.Effect<unknown, Error>
}

/** What the maintenance needs. */
export type Maintained = Orders | Payments | IdempotencyKeyStore | SessionStore | StoreHealth

/** Returns the work that a shop has to do by itself from time to time. */
export const maintenanceJobs = Effect.fnUntraced(function* ({
  idempotencyKeyTtl,
  unpaidOrderTtl,
  voidAuthorizationsAfter
}: DecodedMaintenance): Effect.fn.Return<
  ReadonlyArray<Job>,
  never,
  Orders | Payments | IdempotencyKeyStore | SessionStore
> {
  const orders = yield* Orders
  const payments = yield* Payments
  const keys = yield* IdempotencyKeyStore
  const sessions = yield* SessionStore
  const expiry =
    unpaidOrderTtl === "off"
      ? []
      : [{ what: "Expiring unpaid orders", work: orders.expireUnpaid(unpaidOrderTtl) }]
  const voiding =
    voidAuthorizationsAfter === "off"
      ? []
      : [
          {
            what: "Voiding old authorizations",
            work: payments.voidAuthorizations(voidAuthorizationsAfter)
          }
        ]
  return [
    { what: "Recovering payments", work: payments.recover },
    {
      what: "Pruning idempotency keys",
      work: prune(keys.prune, Duration.toMillis(idempotencyKeyTtl))
    },
    { what: "Pruning sessions", work: prune(sessions.prune, 0) },
    ...expiry,
    ...voiding
  ]
})

/** Decodes the settings of the maintenance, which have defaults. */
export const decodeMaintenance: (settings: MaintenanceSettings) => DecodedMaintenance =
  Schema.decodeSync(MaintenanceSchema)

/** What a shop has to do by itself from time to time, in every process; they do not get in each other's way. */
export const layer = (settings: MaintenanceSettings = {}): Layer.Layer<never, never, Maintained> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const decoded = decodeMaintenance(settings)
      const { clockOffset } = yield* StoreHealth
      const guarded = withGoodClock()
      for (const { what, work } of yield* maintenanceJobs(decoded)) {
        yield* repeatForever(what, decoded.every, guarded(clockOffset, work))
      }
    })
  )
