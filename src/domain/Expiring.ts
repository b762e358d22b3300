import { Result } from "effect"
import { type Advanced, advance } from "./Advancing.ts"
import type { IllegalTransition } from "./Lifecycle.ts"
import type { Order } from "./Order.ts"
import { PaymentInProgress } from "./Payment.ts"

/** Fails an unpaid order and gives its stock back, unless a payment of it waits for its outcome. */
export const expire = (
  order: Order,
  hasPending: boolean,
  stamp: { readonly at: Date; readonly by: string }
): Result.Result<Advanced, IllegalTransition | PaymentInProgress> =>
  order.status === "CREATED" && hasPending
    ? Result.fail(new PaymentInProgress({ orderId: order.id }))
    : advance(order, "expired", stamp)
