import { Effect, Result } from "effect"
import { allow } from "../../domain/accounts/AccessPolicy.ts"
import { OrderNotFound } from "../../domain/orders/Order.ts"
import type { OrderId } from "../../domain/shared/Ids.ts"
import { Orders } from "../../services/Orders.ts"
import { CurrentAccount } from "../api/index.ts"

/** Makes a look-up of orders. An order that the account may not see is not found. */
export const makeVisibleOrder = Effect.map(Orders, (orders) =>
  Effect.fnUntraced(function* (orderId: OrderId) {
    const order = yield* orders.get(orderId)
    const seen = allow(yield* CurrentAccount, "see order", order.customerId)
    return Result.isSuccess(seen) ? order : yield* new OrderNotFound({ orderId })
  })
)
