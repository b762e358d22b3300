import { describe, it } from "@effect/vitest"
import { assertFailure, assertSuccess, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  diagram,
  IllegalTransition,
  OrderEventName,
  type OrderStatus,
  revenueTreatment,
  type Step,
  statuses,
  statusesThatCountAs,
  transition
} from "../../../src/domain/orders/Lifecycle.ts"
import { legal } from "../support.ts"

const steps = OrderEventName.literals.filter((event): event is Step => event !== "placed")

describe("the lifecycle", () => {
  const cases = statuses.flatMap((from) => steps.map((step) => ({ from, step })))

  it.each(cases)("$from, $step: as the drawing says, or not at all", ({ from, step }) => {
    const found = legal.find((line) => line.from === from && line.event === step)
    const to = legal.find((line) => line.event === step)?.to ?? "CREATED"
    const decided = transition({ id: "order-1", status: from }, step)
    if (found) assertSuccess(decided, found)
    else assertFailure(decided, new IllegalTransition({ orderId: "order-1", from, to }))
  })

  it("ends with COMPLETED or FAILED", () => {
    const last = statuses.filter((from) => !legal.some((line) => line.from === from))
    deepStrictEqual(last, ["COMPLETED", "FAILED"])
  })

  it("counts PAID and COMPLETED as revenue, SHIPPED as in transit, and nothing else", () => {
    const expected: Record<OrderStatus, string> = {
      CREATED: "nothing",
      PAID: "revenue",
      SHIPPED: "in transit",
      COMPLETED: "revenue",
      FAILED: "nothing"
    }
    deepStrictEqual<Record<OrderStatus, string>>(revenueTreatment, expected)
    deepStrictEqual(statusesThatCountAs("revenue"), ["PAID", "COMPLETED"])
    deepStrictEqual(statusesThatCountAs("in transit"), ["SHIPPED"])
  })

  it("says what cannot become what", () => {
    const refusal = new IllegalTransition({ orderId: "order-1", from: "FAILED", to: "PAID" })
    strictEqual(refusal.message, "An order with status FAILED cannot become PAID.")
  })

  it("is drawn with every step and what it does to stock", () => {
    strictEqual(
      diagram(),
      `stateDiagram-v2
  [*] --> CREATED: placed (stock taken)
  CREATED --> PAID: paid
  CREATED --> FAILED: declined (stock restocked)
  CREATED --> FAILED: expired (stock restocked)
  PAID --> SHIPPED: shipped
  SHIPPED --> COMPLETED: completed`
    )
  })
})
