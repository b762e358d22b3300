import { Effect, Result } from "effect"
import type { SqlError } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { Database } from "./Database.ts"
import { HeldRows, onLockTimeout } from "./LockWaits.ts"
import type { LockTarget } from "./RowLocks.ts"
import { inTurn } from "./Turns.ts"

type Failure<E> = Exclude<E, SqlError.SqlError> | StoreUnavailable

/** What came of it, or which rows it has to wait for first. */
type Tried<A> = Result.Result<A, ReadonlyArray<LockTarget>>

/**
 * Work of one caller that locks rows which somebody outside may hold. In the caller's transaction it waits for them
 * there. Else it is tried briefly, waits for those of its rows that are held with nothing else locked, and is tried
 * again; only few wait with their locks, for what is no row or is held anew.
 */
export const loneWork = Effect.gen(function* () {
  const { query, transaction, inTransaction } = yield* Database
  const held = yield* HeldRows

  return <A, E, R>(
    work: Effect.Effect<A, E | SqlError.SqlError, R>,
    rows: Effect.Effect<ReadonlyArray<LockTarget>, SqlError.SqlError>,
    repeatable = false
  ): Effect.Effect<A, Failure<E>, R> => {
    const briefly = held.briefly(work, repeatable)
    const patiently = held.patiently(work, repeatable)
    const known = Effect.suspend(() =>
      held.anyAwaited() ? Effect.map(query(rows), held.awaited) : Effect.succeed([])
    )
    const findHeld = Effect.flatMap(query(rows), held.among)
    const attempt = Effect.flatMap(
      known,
      (some): Effect.Effect<Tried<A>, Failure<E>, R> =>
        some.length > 0
          ? Effect.succeed(Result.fail(some))
          : onLockTimeout(Effect.map(briefly, Result.succeed), Effect.map(findHeld, Result.fail))
    )
    const wait = (some: ReadonlyArray<LockTarget>) =>
      some.length === 0
        ? patiently
        : Effect.andThen(held.free(some), onLockTimeout(inTurn(held.tries, briefly), patiently))
    const tried = Effect.flatMap(
      inTurn(held.tries, attempt),
      Result.match({ onSuccess: Effect.succeed, onFailure: wait })
    )
    return Effect.flatMap(inTransaction, (joined) => (joined ? transaction(work) : tried))
  }
})
