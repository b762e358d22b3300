import { Array as Arr, Deferred, Effect, Exit, type Result } from "effect"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import type { LockTargets } from "./BatchOperation.ts"
import { type LockTarget, lockKey } from "./LockWaits.ts"

/** A request until it is answered. */
export interface PendingRequest<In, Out, E> {
  readonly input: In
  readonly lockTargets: LockTargets
  /** It runs in its caller's fiber, by itself. */
  readonly isDirect: boolean
  readonly response: Deferred.Deferred<Out, E | StoreUnavailable>
  /** It has waited for locked rows before. */
  waitedForRows: boolean
  /** Its caller was interrupted. */
  abandoned: boolean
}

export type Batch<In, Out, E> = Arr.NonEmptyReadonlyArray<PendingRequest<In, Out, E>>

export const pendingRequest = <In, Out, E>(
  input: In,
  lockTargets: LockTargets,
  isDirect: boolean
): PendingRequest<In, Out, E> => ({
  input,
  lockTargets,
  isDirect,
  response: Deferred.makeUnsafe(),
  waitedForRows: false,
  abandoned: false
})

export const inputsOf = <In, Out, E>(batch: Batch<In, Out, E>): Arr.NonEmptyReadonlyArray<In> =>
  Arr.map(batch, ({ input }) => input)

/** Answers each request with its result, or all with the failure. */
export const completeAll = <In, Out, E>(
  batch: Batch<In, Out, E>,
  exit: Exit.Exit<ReadonlyArray<Result.Result<Out, E>>, E | StoreUnavailable>
): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const [index, { response }] of batch.entries()) {
      const result: Effect.Effect<Out, E | StoreUnavailable> = Exit.isSuccess(exit)
        ? Effect.fromResult(Arr.getUnsafe(exit.value, index))
        : Effect.failCause(exit.cause)
      Deferred.doneUnsafe(response, result)
    }
  })

const targetCount = ({ lockTargets }: { readonly lockTargets: LockTargets }) =>
  Array.isArray(lockTargets) ? lockTargets.length : 1

/** Splits a batch into chunks that lock at most so many rows, or hold one request that needs more. */
export const chunkByLocks = <In, Out, E>(
  batch: Batch<In, Out, E>,
  maxLocks: number
): ReadonlyArray<Batch<In, Out, E>> => {
  const chunks: Array<Arr.NonEmptyArray<PendingRequest<In, Out, E>>> = []
  let locks = 0
  for (const request of batch) {
    const last = chunks.at(-1)
    locks += targetCount(request)
    if (last !== undefined && locks <= maxLocks) last.push(request)
    else {
      chunks.push([request])
      locks = targetCount(request)
    }
  }
  return chunks
}

/** Two halves of a batch, or the batch itself if it holds one request. */
export const bisect = <In, Out, E>(batch: Batch<In, Out, E>): ReadonlyArray<Batch<In, Out, E>> =>
  Arr.splitAt(batch, Math.ceil(batch.length / 2)).filter((half) => Arr.isReadonlyArrayNonEmpty(half))

/** Groups requests that lock the same rows, so that none waits for a row that only others want. */
export const groupByLocks = <In, Out, E>(
  requests: ReadonlyArray<readonly [PendingRequest<In, Out, E>, ReadonlyArray<LockTarget>]>
): ReadonlyArray<Batch<In, Out, E>> =>
  Object.values(Arr.groupBy(requests, ([, targets]) => targets.map(lockKey).sort().join())).map((group) =>
    Arr.map(group, ([request]) => request)
  )
