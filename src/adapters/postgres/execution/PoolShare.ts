import { Context, Effect, Option, Semaphore } from "effect"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import type { ExecutionLimits } from "./Limits.ts"
import { timedOut } from "./SqlErrors.ts"

/** What one of many shops may use of the pool that they share, so that a busy one leaves connections to the others. */
export interface PoolShare {
  /** Connections that the shop uses at the same time at most. */
  readonly connections: number
  /** Permits of all shops together to wait with the full lock timeout. */
  readonly waiting: Semaphore.Semaphore
}

/** The share of the stores that are built. None means the whole pool. */
export const CurrentPoolShare = Context.Reference<PoolShare | undefined>(
  "effect-commerce/adapters/postgres/CurrentPoolShare",
  { defaultValue: () => undefined }
)

/** Returns a function that makes the share of one shop: half of a pool with so many connections. */
export const poolShares = (poolSize: number): (() => PoolShare) => {
  const half = Math.floor(poolSize / 2)
  const waiting = Semaphore.makeUnsafe(Math.max(1, half - 1))
  return () => ({ connections: Math.max(1, Math.ceil(poolSize / 2)), waiting })
}

/** Waits for a permit as long as for a connection, then runs the work with it. */
export const withPermit = <A, E, R>(
  permits: Semaphore.Semaphore,
  { acquireTimeout }: ExecutionLimits,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E | StoreUnavailable, R> =>
  Effect.suspend(() => {
    let begun = false
    const begin = Effect.suspend(() => {
      begun = true
      return work
    })
    const giveUp = Effect.suspend(() => (begun ? Effect.never : timedOut("The work of other requests")))
    return Effect.raceFirst(permits.withPermit(begin), Effect.andThen(Effect.sleep(acquireTimeout), giveUp))
  })

/** Whether the work holds a permit of its shop already: what it asks for itself needs no other. */
const HoldsPermit = Context.Reference<boolean>("effect-commerce/adapters/postgres/HoldsPermit", {
  defaultValue: () => false
})

type Bounded = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E | StoreUnavailable, R>

/** Returns a function that runs work with one connection of a share. */
export const bySharing = (share: PoolShare | undefined, limits: ExecutionLimits): Bounded => {
  if (share === undefined) return (work) => work
  const permits = Semaphore.makeUnsafe(share.connections)
  return (work) =>
    Effect.flatMap(HoldsPermit, (holds) => {
      if (holds) return work
      const held = Effect.provideService(work, HoldsPermit, true)
      return Effect.flatMap(permits.withPermitsIfAvailable(1)(held), (done) =>
        Option.isSome(done) ? Effect.succeed(done.value) : withPermit(permits, limits, held)
      )
    })
}
