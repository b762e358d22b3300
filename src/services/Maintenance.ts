import { Duration, Effect, Layer, Schedule, Schema } from "effect"
import type { StoreUnavailable } from "../ports/errors.ts"
import { IdempotencyKeyStore } from "../ports/IdempotencyKeyStore.ts"
import { SessionStore } from "../ports/SessionStore.ts"
import { StoreHealth } from "../ports/Stores.ts"
import {
  Maintenance as MaintenanceSchema,
  type MaintenanceSettings
} from "../settings/MaintenanceSettings.ts"
import { now } from "./Ids.ts"
import { Orders } from "./Orders.ts"
import { Payments } from "./Payments.ts"

const decodeSettings = Schema.decodeSync(MaintenanceSchema)

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
const sweepWithGoodClock = Effect.gen(function* () {
  const { clockOffset } = yield* StoreHealth
  let logged = 0
  return <A, E>(sweep: Effect.Effect<A, E>) =>
    Effect.flatMap(clockOffset, (offset) => {
      const distance = Math.abs(offset)
      const seconds = Math.round(distance / 1000)
      const direction = offset > 0 ? "behind" : "ahead of"
      const skips = distance > largestOffset
      const words = `The clock of this process is ${seconds} s ${direction} the database${skips ? ": maintenance is suspended" : ""}`
      const level = skips ? 2 : distance > loggedOffset ? 1 : 0
      const log = level > logged ? Effect.logError(words) : Effect.void
      logged = level
      return Effect.andThen(log, skips ? Effect.void : sweep)
    })
})

/** What a shop has to do by itself from time to time, in every process; they do not get in each other's way. */
export const layer = (
  settings: MaintenanceSettings = {}
): Layer.Layer<never, never, Orders | Payments | IdempotencyKeyStore | SessionStore | StoreHealth> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { every, idempotencyKeyTtl, unpaidOrderTtl, voidAuthorizationsAfter } = decodeSettings(settings)
      const orders = yield* Orders
      const payments = yield* Payments
      const keys = yield* IdempotencyKeyStore
      const sessions = yield* SessionStore
      const sweep = yield* sweepWithGoodClock

      yield* repeatForever("Recovering payments", every, sweep(payments.recover))
      yield* repeatForever(
        "Pruning idempotency keys",
        every,
        sweep(prune(keys.prune, Duration.toMillis(idempotencyKeyTtl)))
      )
      yield* repeatForever("Pruning sessions", every, sweep(prune(sessions.prune, 0)))
      if (unpaidOrderTtl !== "off") {
        yield* repeatForever("Expiring unpaid orders", every, sweep(orders.expireUnpaid(unpaidOrderTtl)))
      }
      if (voidAuthorizationsAfter !== "off") {
        const work = payments.voidAuthorizations(voidAuthorizationsAfter)
        yield* repeatForever("Voiding old authorizations", every, sweep(work))
      }
    })
  )
