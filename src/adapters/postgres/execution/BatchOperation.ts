import { type Array as Arr, Effect, Result } from "effect"
import type { SqlError } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import type { LockTarget } from "./LockWaits.ts"

/** The rows that a request locks, or a query for them. */
export type LockTargets =
  | ReadonlyArray<LockTarget>
  | Effect.Effect<ReadonlyArray<LockTarget>, SqlError.SqlError>

/**
 * Some requests of a batch are refused after all were executed, so nothing of the batch may be committed. `refused` has the refusals by
 * the index of the request. The requests of `separately` are executed by themselves, and all others again.
 */
export class BatchRefused<E> {
  readonly refused: ReadonlyMap<number, E>
  readonly separately: ReadonlySet<number>

  constructor(refused: ReadonlyMap<number, E>, separately: ReadonlySet<number>) {
    this.refused = refused
    this.separately = separately
  }
}

/** An operation whose requests share transactions. */
export interface BatchOperation<In, Out, E> {
  /** The name of the operation in metrics. */
  readonly name: string
  /** Whether requests share transactions. Defaults to true. */
  readonly isBatched?: boolean
  /**
   * Executes all requests in the transaction that it runs in. Returns one result per request, in their order. An operation
   * that is not batched may fail with its refusal instead, which rolls the transaction back. Any operation may fail with
   * `BatchRefused`, which does the same.
   */
  readonly execute: (
    inputs: Arr.NonEmptyReadonlyArray<In>
  ) => Effect.Effect<ReadonlyArray<Result.Result<Out, E>>, E | BatchRefused<E> | SqlError.SqlError>
  /**
   * Executes all requests with one statement, which is its own transaction and waits for locks no longer than
   * `lockTimeout` ms. Returns `undefined`, and has written nothing, if `execute` has to do it.
   */
  readonly executeSingleStatement?: (
    inputs: Arr.NonEmptyReadonlyArray<In>,
    lockTimeout: number
  ) => Effect.Effect<ReadonlyArray<Result.Result<Out, E>> | undefined, StoreUnavailable>
  /**
   * Reads what a single statement without an answer has written, by ids that the requests had before: one entry per
   * request, `undefined` where nothing was written.
   */
  readonly lookup?: (
    inputs: Arr.NonEmptyReadonlyArray<In>
  ) => Effect.Effect<ReadonlyArray<Out | undefined>, SqlError.SqlError>
  /** The rows that a request locks. */
  readonly lockTargets: (input: In) => LockTargets
  /** The rows of a request that locks more than others. It runs by itself, so that other requests do not wait for them. */
  readonly lockSeparately?: (input: In) => LockTargets | undefined
}

/** An operation that is not batched: each request has a transaction of its own, and a refusal rolls it back. */
export const unbatched = <In, Out, E>(operation: {
  readonly name: string
  readonly execute: (input: In) => Effect.Effect<Out, E | SqlError.SqlError>
  readonly lockTargets: (input: In) => LockTargets
}): BatchOperation<In, Out, E> => ({
  ...operation,
  isBatched: false,
  execute: ([input]) => Effect.map(operation.execute(input), (out) => [Result.succeed(out)])
})
