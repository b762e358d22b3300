import { Array as Arr, Cause, Effect } from "effect"
import type { SqlError } from "effect/sql"
import { withStage } from "../../../domain/fulfilment/Stage.ts"
import type { OrderChange, OrderRefused } from "../../../domain/orders/OrderChange.ts"
import { askHook, BeforeCommit, failedHook } from "../../../ports/BeforeCommit.ts"
import { StoreUnavailable } from "../../../ports/errors.ts"
import { Stages } from "../../../ports/Stages.ts"
import { BatchRefused } from "./BatchOperation.ts"
import { Database } from "./Database.ts"
import { isTransient } from "./SqlErrors.ts"
import { CurrentTransaction } from "./Transaction.ts"

/** A change that a request of a batch makes. */
export interface ChangeOfRequest {
  readonly index: number
  readonly change: OrderChange
}

/** A request with several changes of its order refuses alone: another one may be acceptable without it. */
const toBatchRefused = (
  changes: ReadonlyArray<ChangeOfRequest>,
  refusals: ReadonlyMap<string, OrderRefused>
): BatchRefused<OrderRefused> => {
  const refused = new Map<number, OrderRefused>()
  const separately = new Set<number>()
  const byOrder = Arr.groupBy(changes, ({ change }) => change.order.id)
  for (const [orderId, [first, ...more]] of Object.entries(byOrder)) {
    const refusal = refusals.get(orderId)
    if (refusal === undefined) continue
    if (more.length === 0) refused.set(first.index, refusal)
    else for (const { index } of [first, ...more]) separately.add(index)
  }
  return new BatchRefused(refused, separately)
}

/**
 * Runs the hook of the host, in the transaction of the changes that it gets, after their rows are written. Does nothing if there is none.
 */
export const changeHook = Effect.gen(function* () {
  const { sql } = yield* Database
  const hook = yield* BeforeCommit
  const stages = yield* Stages

  /**
   * Fails if the hook goes on after a failed statement, or ends the transaction: then COMMIT would succeed, and store nothing. The id of
   * a transaction of the caller's is not known.
   */
  const requireTransaction = Effect.gen(function* () {
    const id = yield* CurrentTransaction
    const [row] = yield* sql<{ xid: string | null }>`SELECT pg_current_xact_id_if_assigned()::text AS xid`
    if (id !== undefined && row?.xid !== id.xid) {
      return yield* Effect.die(new Error("It has ended the transaction of the shop"))
    }
  })

  /** Returns the refusals by order. */
  const refusalsOf = (
    changes: ReadonlyArray<OrderChange>
  ): Effect.Effect<ReadonlyMap<string, OrderRefused>, SqlError.SqlError> => {
    const seen = changes.map(({ order, event }) => ({ order: withStage(stages, order), event }))
    if (hook === undefined || !Arr.isArrayNonEmpty(seen)) return Effect.succeed(new Map())
    const checked = Effect.tap(askHook(hook, seen), ({ size }) =>
      size === 0 ? Effect.catchCause(requireTransaction, Effect.fail) : Effect.void
    )
    return Effect.catch(checked, (cause) => {
      // An outage is no fault of the hook: the transaction is repeated, or fails as any other.
      const outage = cause.reasons.map(errorOf).find(isTransient)
      return outage === undefined ? failedHook(seen, cause) : Effect.fail(outage)
    })
  }

  return {
    /** Whether the host has a hook: then every change needs a transaction. */
    exists: hook !== undefined,
    refusalsOf,
    /** For the changes of a batch. Fails with `BatchRefused`. */
    each: Effect.fnUntraced(function* (changes: ReadonlyArray<ChangeOfRequest>) {
      const refusals = yield* refusalsOf(changes.map(({ change }) => change))
      if (refusals.size > 0) return yield* Effect.fail(toBatchRefused(changes, refusals))
    }),
    /** For the change of one order. Fails with `OrderRefused`. */
    one: Effect.fnUntraced(function* (change: OrderChange) {
      const [refusal] = (yield* refusalsOf([change])).values()
      if (refusal !== undefined) return yield* refusal
    })
  }
})

/** Returns the error of a reason. An outage in a service of the shop that the hook calls is the error that has caused it. */
const errorOf = (reason: Cause.Reason<unknown>): unknown => {
  const error = Cause.isFailReason(reason)
    ? reason.error
    : Cause.isDieReason(reason)
      ? reason.defect
      : undefined
  return error instanceof StoreUnavailable ? error.cause : error
}
