import { Cause, Clock, Duration, Effect, Layer, type Scope } from "effect"
import type { ShopName, ShopNotFound } from "../domain/shops/ShopName.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import type { ShopDirectory, ShopRefused } from "../ports/ShopDirectory.ts"
import { StoreHealth } from "../ports/Stores.ts"
import type { MaintenanceSettings } from "../settings/MaintenanceSettings.ts"
import { decodeMaintenance, type Maintained, maintenanceJobs, withGoodClock } from "./Maintenance.ts"

/** Shops of one server that are looked after at once. */
const atOnce = 2

/** A round takes at most this part of the time, so that the shops have the server for themselves. */
const share = 0.1

/** What a round has done. */
export interface Round {
  /** Shops that were looked after. */
  readonly shops: number
  /** Shops whose work has failed. It is logged, and tried again in the next round. */
  readonly failed: number
}

/** How shops are looked after: those of a server in turn. */
export interface ShopsMaintenance {
  /** Looks after all shops of a server once. Fails with `StoreUnavailable` if the server is unavailable. */
  readonly round: (server: string) => Effect.Effect<Round, StoreUnavailable>
}

/**
 * Looks after shops, also those that nothing has opened. Each is opened for this alone and closed at once: a round keeps no shop from being
 * idle, and none of them open.
 */
export const shopsMaintenance = (
  { list }: Pick<ShopDirectory["Service"], "list">,
  layerOf: (shop: ShopName) => Layer.Layer<Maintained, ShopNotFound | ShopRefused>,
  settings: MaintenanceSettings = {}
): ShopsMaintenance => {
  const decoded = decodeMaintenance(settings)
  const guarded = new Map<string, ReturnType<typeof withGoodClock>>()

  const inShop = <A, E2>(shop: ShopName, work: Effect.Effect<A, E2, Maintained>) =>
    Effect.scoped(
      Effect.gen(function* () {
        const context = yield* Layer.build(Layer.fresh(layerOf(shop)))
        return yield* Effect.provideContext(work, context)
      })
    )

  const inTurn = Effect.gen(function* () {
    let done = true
    for (const { what, work } of yield* maintenanceJobs(decoded)) {
      yield* Effect.catchCause(work, (cause) => {
        if (Cause.hasInterrupts(cause)) return Effect.failCause(cause)
        done = false
        return Effect.logWarning(`${what} has to wait`, cause)
      })
    }
    return done
  })

  /**
   * Returns whether all has been done: a failure of one kind of work delays no other, and one of a shop no other shop. Fails if the server
   * is unavailable, which every shop would wait for.
   */
  const lookAfter = (server: string, shop: ShopName): Effect.Effect<boolean, StoreUnavailable> =>
    inShop(shop, inTurn).pipe(
      Effect.catchCause((cause) =>
        Cause.hasInterrupts(cause)
          ? Effect.interrupt
          : Effect.logWarning("A shop cannot be looked after", cause).pipe(
              Effect.andThen(list(server)),
              Effect.as(false)
            )
      ),
      Effect.annotateLogs({ shop })
    )

  return {
    round: Effect.fnUntraced(function* (server) {
      const shops = yield* list(server)
      const [first] = shops
      if (first === undefined) return { shops: 0, failed: 0 }
      const guard = guarded.get(server) ?? withGoodClock()
      guarded.set(server, guard)
      let failed = 0
      const all = Effect.forEach(
        shops,
        (shop) => Effect.map(lookAfter(server, shop), (done) => (failed += done ? 0 : 1)),
        { concurrency: atOnce, discard: true }
      )
      // A first shop that cannot be opened says nothing about the clock.
      const clockOffset = Effect.catch(
        inShop(
          first,
          StoreHealth.use((health) => health.clockOffset)
        ),
        () => Effect.succeed(0)
      )
      yield* guard(clockOffset, all)
      return { shops: shops.length, failed }
    })
  }
}

/** Looks after the shops of each server by itself, again and again, until the scope closes. An outage of one delays no other. */
export const looksAfterShops = (
  directory: ShopDirectory["Service"],
  layerOf: (shop: ShopName) => Layer.Layer<Maintained, ShopNotFound | ShopRefused>,
  settings: MaintenanceSettings = {}
): Effect.Effect<void, never, Scope.Scope> => {
  const { round } = shopsMaintenance(directory, layerOf, settings)
  const every = Duration.toMillis(decodeMaintenance(settings).every)
  const timed = (server: string) =>
    Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      yield* Effect.catchCause(round(server), (cause) =>
        Cause.hasInterrupts(cause)
          ? Effect.failCause(cause)
          : Effect.logWarning("Looking after the shops of a server has to wait", cause)
      )
      const took = (yield* Clock.currentTimeMillis) - began
      yield* Effect.sleep(Math.max(every, (took * (1 - share)) / share) * (0.8 + Math.random() * 0.4))
    })
  return Effect.forEach(directory.servers, (server) => Effect.forkScoped(Effect.forever(timed(server))), {
    discard: true
  })
}
