import type { Array as Arr, Effect, Option, Result } from "effect"
import type { SqlError } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import type { LockTarget } from "./RowLocks.ts"

/** One kind of work that many callers ask for at the same time. */
export interface BatchOperation<In, Out, E> {
  /** What it is called in metrics. */
  readonly name: string
  /** Does it for all of them in the transaction that it is run in; one answer each, in their order. */
  readonly together: (
    inputs: Arr.NonEmptyReadonlyArray<In>
  ) => Effect.Effect<ReadonlyArray<Result.Result<Out, E>>, SqlError.SqlError>
  /**
   * The same with one statement, which is its own transaction and waits for locks no longer than `patience`; nothing,
   * if it has to be done `together`.
   */
  readonly atOnce?: (
    inputs: Arr.NonEmptyReadonlyArray<In>,
    patience: string
  ) => Effect.Effect<ReadonlyArray<Result.Result<Out, E>> | undefined, StoreUnavailable>
  /** May it be done again if nobody knows whether it was done? */
  readonly repeatable: (input: In) => boolean
  /** What has come of it, if that can be looked up and it cannot be done twice: then it may be done again, too. */
  readonly found?: (input: In) => Effect.Effect<Option.Option<Out>, SqlError.SqlError>
  /** The rows that have to be locked for it. */
  readonly rows: (input: In) => ReadonlyArray<LockTarget>
  /** Does it need locks of other rows besides? Then it goes alone, and its neighbours need not wait for them. */
  readonly alone?: (input: In) => Effect.Effect<ReadonlyArray<LockTarget>, SqlError.SqlError> | undefined
}
