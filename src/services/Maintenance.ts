import { Duration, Effect, Layer, Schedule, Schema } from "effect"
import type { StoreUnavailable } from "../ports/errors.ts"
import { IdempotencyKeyStore } from "../ports/IdempotencyKeyStore.ts"
import { SessionStore } from "../ports/SessionStore.ts"
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

/** Forgets all that is older, in bounded sweeps. */
const prune = Effect.fnUntraced(function* (
  sweep: (before: Date, take: number) => Effect.Effect<number, StoreUnavailable>,
  age: number
) {
  const before = new Date((yield* now).getTime() - age)
  while ((yield* sweep(before, prunedAtOnce)) === prunedAtOnce);
})

/** What a shop has to do by itself from time to time, in every process; they do not get in each other's way. */
export const layer = (
  settings: MaintenanceSettings = {}
): Layer.Layer<never, never, Orders | Payments | IdempotencyKeyStore | SessionStore> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { every, idempotencyKeyTtl, unpaidOrderTtl } = decodeSettings(settings)
      const orders = yield* Orders
      const payments = yield* Payments
      const keys = yield* IdempotencyKeyStore
      const sessions = yield* SessionStore

      yield* repeatForever("Recovering payments", every, payments.recover)
      yield* repeatForever(
        "Pruning idempotency keys",
        every,
        prune(keys.prune, Duration.toMillis(idempotencyKeyTtl))
      )
      yield* repeatForever("Pruning sessions", every, prune(sessions.prune, 0))
      if (unpaidOrderTtl !== "off") {
        yield* repeatForever("Expiring unpaid orders", every, orders.expireUnpaid(unpaidOrderTtl))
      }
    })
  )
