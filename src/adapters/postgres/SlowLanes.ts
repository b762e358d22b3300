import { Array as Arr, Effect, type Scope } from "effect"
import type { Batch, Waiting } from "./Waiting.ts"

/** Lanes of rows of their own; each holds a connection while it waits. */
const lanesAtMost = 3

/** The lane of all other rows that are held at the same time. */
const shared = Symbol("the lane of all others")

/**
 * Where callers wait for a row whose lock somebody outside holds for long, apart from all others: one lane per row,
 * and one for all rows beyond a few. A lane closes when nobody is left in it.
 */
export const slowLanes = <In, Out, E>(
  scope: Scope.Scope,
  size: number,
  run: (batch: Batch<In, Out, E>) => Effect.Effect<void>
) => {
  const lanes = new Map<string | typeof shared, Array<Waiting<In, Out, E>>>()
  const laneOf = new Map<string, string | typeof shared>()

  const close = (key: string | typeof shared) => {
    lanes.delete(key)
    for (const [row, of] of laneOf) if (of === key) laneOf.delete(row)
  }

  const drain = (key: string | typeof shared, lane: Array<Waiting<In, Out, E>>): Effect.Effect<void> =>
    Effect.suspend(() => {
      const batch = lane.splice(0, size).filter(({ abandoned }) => !abandoned)
      if (Arr.isReadonlyArrayNonEmpty(batch)) return Effect.andThen(run(batch), drain(key, lane))
      if (lane.length > 0) return drain(key, lane)
      close(key)
      return Effect.void
    })

  return {
    /** The row whose lane somebody has to join, if one of theirs has one. */
    laneFor: ({ rows }: Waiting<In, Out, E>): string | undefined => rows.find((id) => laneOf.has(id)),

    join: (row: string, waiting: Waiting<In, Out, E>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const key = laneOf.get(row) ?? (lanes.size < lanesAtMost ? row : shared)
        laneOf.set(row, key)
        const lane = lanes.get(key)
        if (lane !== undefined) {
          lane.push(waiting)
          return Effect.void
        }
        const opened = [waiting]
        lanes.set(key, opened)
        return Effect.asVoid(Effect.forkIn(drain(key, opened), scope))
      })
  }
}
