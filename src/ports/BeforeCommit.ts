import { type Array as Arr, Cause, Context, Effect, Exit, Option, Schema } from "effect"
import { type OrderChange, OrderRefused } from "../domain/orders/OrderChange.ts"

/**
 * A function of the host that runs in the transaction of each change of orders, after the rows of the shop and before the COMMIT.
 *
 * It gets all changes of the transaction, and may write rows of its own through the same `SqlClient`. It returns the orders that it
 * refuses, or fails with `OrderRefused`. Any other failure is a fault of the host: a defect for the caller whose order causes it. A
 * transaction that is repeated runs it again, so it has no effect but through that client.
 */
export type BeforeCommitHook = (
  changes: Arr.NonEmptyReadonlyArray<OrderChange>
) => Effect.Effect<ReadonlyArray<OrderRefused> | undefined, unknown> | Effect.Effect<void, unknown>

/** The hook of the host, which the stores read when they are built. Provide it with `Layer.effect(BeforeCommit, …)`. Defaults to none. */
export const BeforeCommit = Context.Reference<BeforeCommitHook | undefined>(
  "effect-commerce/ports/BeforeCommit",
  { defaultValue: () => undefined }
)

/** The hook of the host has failed: a bug of the host, and no refusal. `cause` is the failure. */
export class BeforeCommitFailed extends Error {
  constructor(cause: unknown) {
    super(`The function beforeCommit failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause
    })
    this.name = "BeforeCommitFailed"
  }
}

const fieldsOf = Schema.is(Schema.Struct(OrderRefused.fields))

/** Reads the tag instead of the class, which another copy of the package has too. Returns nothing if it is no refusal. */
const toRefusal = (value: unknown): OrderRefused | undefined =>
  fieldsOf(value) ? new OrderRefused({ orderId: value.orderId, reason: value.reason }) : undefined

const isEach = (values: ReadonlyArray<OrderRefused | undefined>): values is ReadonlyArray<OrderRefused> =>
  values.every((value) => value !== undefined)

/** Returns the refusals that an exit of the hook stands for, or nothing if the hook has failed. */
const refusalsOf = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<OrderRefused> | undefined => {
  if (Exit.isSuccess(exit)) {
    if (exit.value === undefined) return []
    const refusals = Array.isArray(exit.value) ? exit.value.map(toRefusal) : [undefined]
    return isEach(refusals) ? refusals : undefined
  }
  const refusal = toRefusal(Option.getOrUndefined(Cause.findErrorOption(exit.cause)))
  return refusal === undefined ? undefined : [refusal]
}

const failureOf = (exit: Exit.Exit<unknown, unknown>): Cause.Cause<unknown> =>
  Exit.isSuccess(exit)
    ? Cause.die(new TypeError("Expected nothing, or an array of OrderRefused"))
    : exit.cause

/**
 * Runs the hook on the changes of a transaction. Returns its refusals by order. Fails with the cause of any other failure, which is a
 * fault of the host unless the store knows better.
 */
export const askHook = (
  hook: BeforeCommitHook,
  changes: Arr.NonEmptyReadonlyArray<OrderChange>
): Effect.Effect<ReadonlyMap<string, OrderRefused>, Cause.Cause<unknown>> =>
  Effect.flatMap(Effect.exit(Effect.suspend<unknown, unknown, never>(() => hook(changes))), (exit) => {
    const refusals = refusalsOf(exit)
    if (refusals === undefined) return Effect.fail(failureOf(exit))
    const known = new Set<string>(changes.map(({ order }) => order.id))
    const stranger = refusals.find(({ orderId }) => !known.has(orderId))
    return stranger === undefined
      ? Effect.succeed(new Map(refusals.map((refusal) => [refusal.orderId, refusal])))
      : Effect.fail(Cause.die(new Error(`It refuses the order ${stranger.orderId}, which does not change`)))
  })

/** Dies because of a failure of the hook. Logs it with the order, if one alone causes it: with others, each is tried by itself. */
export const failedHook = (
  changes: Arr.NonEmptyReadonlyArray<OrderChange>,
  cause: Cause.Cause<unknown>
): Effect.Effect<never> => {
  const error = new BeforeCommitFailed(Cause.squash(cause))
  const [{ order }] = changes
  const isOne = changes.every((change) => change.order.id === order.id)
  const log = isOne
    ? Effect.annotateLogs(Effect.logError("The function beforeCommit failed", cause), { orderId: order.id })
    : Effect.void
  return Effect.andThen(log, Effect.die(error))
}
