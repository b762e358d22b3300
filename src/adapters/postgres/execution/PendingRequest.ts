import { Array as Arr, Deferred, Effect, Exit, type Result } from "effect"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { type LockTarget, lockKey } from "./RowLocks.ts"

/** What one caller asks for, until it is decided. */
export interface Waiting<In, Out, E> {
  readonly input: In
  /** The rows that have to be locked for it. */
  readonly rows: ReadonlyArray<LockTarget>
  /** It has waited for rows that somebody outside held. */
  stoodAside: boolean
  readonly answer: Deferred.Deferred<Out, E | StoreUnavailable>
  /** The caller is gone: nobody wants this any more. */
  abandoned: boolean
}

export type Batch<In, Out, E> = Arr.NonEmptyReadonlyArray<Waiting<In, Out, E>>

export const waitFor = <In, Out, E>(input: In, rows: ReadonlyArray<LockTarget>): Waiting<In, Out, E> => ({
  input,
  rows,
  answer: Deferred.makeUnsafe(),
  stoodAside: false,
  abandoned: false
})

/** Tells each caller what was decided for it, or that nothing could be. */
export const answerAll = <In, Out, E>(
  batch: Batch<In, Out, E>,
  exit: Exit.Exit<ReadonlyArray<Result.Result<Out, E>>, StoreUnavailable>
): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const [index, { answer }] of batch.entries()) {
      const decided: Effect.Effect<Out, E | StoreUnavailable> = Exit.isSuccess(exit)
        ? Effect.fromResult(Arr.getUnsafe(exit.value, index))
        : Effect.failCause(exit.cause)
      Deferred.doneUnsafe(answer, decided)
    }
  })

/** A batch in portions that have so many rows to lock at most, or one caller each that needs more. */
export const portions = <In, Out, E>(
  batch: Batch<In, Out, E>,
  rowsAtMost: number
): ReadonlyArray<Batch<In, Out, E>> => {
  const all: Array<Arr.NonEmptyArray<Waiting<In, Out, E>>> = []
  let rows = 0
  for (const waiting of batch) {
    const last = all.at(-1)
    rows += waiting.rows.length
    if (last !== undefined && rows <= rowsAtMost) last.push(waiting)
    else {
      all.push([waiting])
      rows = waiting.rows.length
    }
  }
  return all
}

/** Two halves of a batch; one, if it is of one caller. */
export const halves = <In, Out, E>(batch: Batch<In, Out, E>): ReadonlyArray<Batch<In, Out, E>> => {
  const [left, right] = Arr.splitAt(batch, Math.ceil(batch.length / 2))
  return [left, right].filter((half) => Arr.isReadonlyArrayNonEmpty(half))
}

/** Those together who want the very same rows: nobody waits for a row that only others want, with a lock on their own. */
export const alike = <In, Out, E>(
  some: ReadonlyArray<Waiting<In, Out, E>>
): ReadonlyArray<Batch<In, Out, E>> =>
  Object.values(Arr.groupBy(some, ({ rows }) => rows.map(lockKey).sort().join()))
