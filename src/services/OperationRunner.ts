import { Context, type Effect } from "effect"
import type { OperationId, OrderId } from "../domain/shared/Ids.ts"

/** A pending operation that a change of an order has begun. */
interface BegunOperation {
  readonly id: OperationId
  readonly orderId: OrderId
  readonly actor: string
}

/**
 * Asks the gateway about an operation that begins with a change of an order, as a cancellation begins one. `Orders.layer` reads it when it
 * is built, and `Payments.layer` provides it. Without it the maintenance asks.
 */
export class OperationRunner extends Context.Service<
  OperationRunner,
  {
    /** Whether the gateway can move money after the charge. Without that a cancellation with a refund is refused. */
    readonly canOperate: boolean
    /** Whether a cancellation may begin an operation that its caller has not asked for: a void. */
    readonly mayVoid: boolean
    /**
     * Returns until when no other process asks about an operation that begins now. Returns nothing if it cannot run: inside a transaction
     * of the caller, or because the gateway moves no money.
     */
    readonly leaseUntil: (at: Date) => Effect.Effect<Date | undefined>
    /**
     * Asks the gateway about the operation and records its outcome. Does nothing if the operation did not begin or has an outcome. Never
     * fails: what it cannot settle stays pending, and the maintenance asks again.
     */
    readonly run: (operation: BegunOperation) => Effect.Effect<void>
  }
>()("effect-commerce/services/OperationRunner") {}
