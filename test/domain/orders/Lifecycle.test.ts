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
  transition,
  transitionTo
} from "../../../src/domain/orders/Lifecycle.ts"
import { legal } from "../support.ts"

const events = OrderEventName.literals.filter((event) => event !== "placed")
const steps = ["paid", "declined", "expired", "shipped", "completed"] as const satisfies ReadonlyArray<Step>

describe("the lifecycle", () => {
  const cases = statuses.flatMap((from) => steps.map((step) => ({ from, step })))

  it.each(cases)("$from, $step: as the drawing says, or not at all", ({ from, step }) => {
    const found = legal.find((line) => line.from === from && line.event === step && line.to !== from)
    const to = legal.find((line) => line.event === step && line.to !== line.from)?.to ?? "CREATED"
    const decided = transition({ id: "order-1", status: from }, step)
    if (found) assertSuccess(decided, found)
    else assertFailure(decided, new IllegalTransition({ orderId: "order-1", from, to }))
  })

  const moves = statuses.flatMap((from) =>
    statuses.flatMap((to) => events.map((event) => ({ from, to, event })))
  )

  it("has an event between two statuses as the drawing says, or not at all", () => {
    for (const { from, to, event } of moves) {
      const found = legal.find((line) => line.from === from && line.event === event && line.to === to)
      const decided = transitionTo({ id: "order-1", status: from }, event, to)
      if (found) assertSuccess(decided, found)
      else assertFailure(decided, new IllegalTransition({ orderId: "order-1", from, to }))
    }
  })

  it("ends with COMPLETED, FAILED or CANCELLED", () => {
    const last = statuses.filter((from) => !legal.some((line) => line.from === from && line.to !== from))
    deepStrictEqual(last, ["COMPLETED", "FAILED", "CANCELLED"])
  })

  it("counts PAID and COMPLETED as revenue, SHIPPED as in transit, and nothing else", () => {
    const expected: Record<OrderStatus, string> = {
      CREATED: "nothing",
      PAID: "revenue",
      SHIPPED: "in transit",
      COMPLETED: "revenue",
      FAILED: "nothing",
      CANCELLED: "nothing"
    }
    deepStrictEqual<Record<OrderStatus, string>>(revenueTreatment, expected)
    deepStrictEqual(statusesThatCountAs("revenue"), ["PAID", "COMPLETED"])
    deepStrictEqual(statusesThatCountAs("in transit"), ["SHIPPED"])
  })

  it("says what cannot become what", () => {
    const refusal = new IllegalTransition({ orderId: "order-1", from: "FAILED", to: "PAID" })
    strictEqual(refusal.message, "An order with status FAILED cannot become PAID.")
    const same = new IllegalTransition({ orderId: "order-1", from: "FAILED", to: "FAILED" })
    strictEqual(same.message, "An order with status FAILED does not allow this.")
  })

  it("is drawn with every step and what it does to stock", () => {
    strictEqual(
      diagram(),
      `stateDiagram-v2
  [*] --> CREATED: placed (stock taken)
  CREATED --> PAID: paid
  CREATED --> FAILED: declined (stock restocked)
  CREATED --> FAILED: expired (stock restocked)
  PAID --> PAID: shipped, refunded, refund-failed, charged-back, chargeback-reversed, stage-changed
  PAID --> SHIPPED: shipped
  SHIPPED --> COMPLETED: completed
  CREATED --> CREATED: cancelled (stock partly restocked)
  CREATED --> CANCELLED: cancelled (stock restocked)
  PAID --> PAID: cancelled (stock partly restocked)
  PAID --> SHIPPED: cancelled (stock partly restocked)
  PAID --> CANCELLED: cancelled (stock restocked)
  PAID --> PAID: returned (stock partly restocked)
  SHIPPED --> SHIPPED: returned (stock partly restocked)
  COMPLETED --> COMPLETED: returned (stock partly restocked)
  CREATED --> CREATED: authorized, authorization-voided, stage-changed
  CANCELLED --> CANCELLED: authorization-voided, charged-late, refunded, refund-failed, charged-back, chargeback-reversed, stage-changed
  FAILED --> FAILED: charged-late, refunded, refund-failed, charged-back, chargeback-reversed, stage-changed
  SHIPPED --> SHIPPED: refunded, refund-failed, charged-back, chargeback-reversed, stage-changed
  COMPLETED --> COMPLETED: refunded, refund-failed, charged-back, chargeback-reversed, stage-changed`
    )
  })
})
