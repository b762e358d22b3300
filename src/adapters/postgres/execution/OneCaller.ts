import { Array as Arr, Deferred, Effect, Option } from "effect"
import type { SqlError } from "effect/sql"
import { outcomeUnknown, StoreUnavailable } from "../../../ports/errors.ts"
import type { BatchOperation } from "./BatchOperation.ts"
import { Database } from "./Database.ts"
import { loneWork } from "./LoneWork.ts"
import type { Waiting } from "./PendingRequest.ts"
import type { LockTarget } from "./RowLocks.ts"

/** The work of one caller apart from that of others: because it needs more locks, or because together it has failed. */
export const oneCaller = Effect.fnUntraced(function* <In, Out, E>(kind: BatchOperation<In, Out, E>) {
  const { query } = yield* Database
  const lone = yield* loneWork

  const direct = (
    input: In,
    rows: Effect.Effect<ReadonlyArray<LockTarget>, SqlError.SqlError>,
    repeatable = kind.repeatable(input)
  ): Effect.Effect<Out, E | StoreUnavailable> =>
    lone(
      kind.together([input]).pipe(
        Effect.map(Arr.getUnsafe(0)),
        Effect.flatMap((decided) => Effect.fromResult(decided))
      ),
      rows,
      repeatable
    )

  const found = (input: In) =>
    kind.found === undefined ? Effect.succeed(Option.none<Out>()) : query(kind.found(input))

  /**
   * What was done before, of which nobody heard, or what is done now. A failure says that neither was only if a key
   * says so: what was tried before may still come, after somebody who has overtaken it.
   */
  const doneOnce = ({ input, rows }: Waiting<In, Out, E>): Effect.Effect<Out, E | StoreUnavailable> =>
    Effect.catchCause(direct(input, Effect.succeed(rows), true), (cause) =>
      Effect.flatMap(
        found(input),
        Option.match({ onSome: Effect.succeed, onNone: () => Effect.failCause(cause) })
      )
    ).pipe(
      Effect.mapError((error) => {
        if (error instanceof StoreUnavailable) return outcomeUnknown(error)
        return kind.repeatable(input) ? error : new StoreUnavailable({ outcome: "unknown", cause: error })
      })
    )

  const answering =
    (work: (waiting: Waiting<In, Out, E>) => Effect.Effect<Out, E | StoreUnavailable>) =>
    (waiting: Waiting<In, Out, E>) =>
      Effect.tap(Effect.exit(work(waiting)), (exit) => Deferred.done(waiting.answer, exit))

  return {
    direct,
    alone: answering(({ input, rows }) => direct(input, Effect.succeed(rows))),
    onceMore: answering(doneOnce)
  }
})
