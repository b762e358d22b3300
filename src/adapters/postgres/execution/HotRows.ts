import { Effect, Latch, Option } from "effect"
import { lockKey } from "./LockWaits.ts"
import type { PendingRequest } from "./PendingRequest.ts"

type Locking = Pick<PendingRequest<never, never, never>, "lockTargets">

/** Fewer requests than this are not worth gathering: the next batch is better prepared while they run. */
const minBatchSize = 4

/** Without vouchers: one without bounds is never locked, though its orders name it. */
const keysOf = ({ lockTargets }: Locking): ReadonlyArray<string> =>
  Effect.isEffect(lockTargets) ? [] : lockTargets.filter(({ table }) => table !== "vouchers").map(lockKey)

/** Returns the row that more than half of a batch locks. */
export const hotRow = (batch: ReadonlyArray<Locking>): string | undefined => {
  if (batch.length < minBatchSize) return undefined
  const counts = new Map<string, number>()
  for (const key of batch.flatMap(keysOf)) {
    const count = (counts.get(key) ?? 0) + 1
    if (count > batch.length / 2) return key
    counts.set(key, count)
  }
  return undefined
}

/**
 * The hot rows of batches in flight. Requests for such a row gather until the batch has ended: in a batch of their own they
 * would only wait for its lock. One larger batch takes one lock and one commit, which counts most where several processes
 * take turns with the row. They gather for `longest` ms at most: a batch whose answer is lost may take longer.
 */
export const hotRows = (longest: number) => {
  const inFlight = new Set<{ readonly row: string; readonly ended: Latch.Latch }>()

  /** Waits for a batch in flight whose hot row the request locks. Returns whether one has ended meanwhile. */
  const awaitBatchFor = (request: Locking): Effect.Effect<boolean> =>
    Effect.suspend(() => {
      if (inFlight.size === 0) return Effect.succeed(false)
      const keys = new Set(keysOf(request))
      const batch = [...inFlight].find(({ row }) => keys.has(row))
      return batch === undefined
        ? Effect.succeed(false)
        : Effect.map(Effect.timeoutOption(batch.ended.await, longest), Option.isSome)
    })

  /** Runs a batch that has this hot row. */
  const whileInFlight = <A, E, R>(row: string, work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const batch = { row, ended: Latch.makeUnsafe() }
      inFlight.add(batch)
      return Effect.ensuring(
        work,
        Effect.sync(() => {
          inFlight.delete(batch)
          batch.ended.openUnsafe()
        })
      )
    })

  return { awaitBatchFor, whileInFlight }
}
