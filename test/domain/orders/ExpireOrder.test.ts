import { describe, it } from "@effect/vitest"
import { assertFailure, assertSuccess } from "@effect/vitest/utils"
import { expire } from "../../../src/domain/orders/AdvanceOrder.ts"
import { IllegalTransition } from "../../../src/domain/orders/Lifecycle.ts"
import { PaymentInProgress } from "../../../src/domain/orders/Order.ts"
import { attribution, order, pick } from "../../../src/testing/Generators.ts"
import { untouched } from "../support.ts"

describe("expiring an order", () => {
  it.prop(
    "fails it and gives its stock back, if it is CREATED and no payment of it waits for its outcome",
    { order, hasPending: pick([false, true]), attribution },
    ({ order, hasPending, attribution }) => {
      const expired = untouched(order, (order) => expire(order, hasPending, attribution))
      const { id: orderId, status: from } = order
      if (from !== "CREATED") assertFailure(expired, new IllegalTransition({ orderId, from, to: "FAILED" }))
      else if (hasPending) assertFailure(expired, new PaymentInProgress({ orderId }))
      else {
        const { stage, ...unstaged } = order
        const version = order.version + 1
        assertSuccess(expired, {
          ...(stage !== undefined && { stageBefore: stage }),
          order: { ...unstaged, status: "FAILED", version, updatedAt: attribution.at },
          event: { sequence: version, event: "expired", from, to: "FAILED", ...attribution },
          restocked: order.items,
          released: []
        })
      }
    }
  )
})
