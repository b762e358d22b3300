import { describe, it } from "@effect/vitest"
import {
  assertFailure,
  assertSuccess,
  assertTrue,
  deepStrictEqual,
  strictEqual,
  throws
} from "@effect/vitest/utils"
import { Arbitrary, Result } from "effect"
import { PaymentInProgress } from "../../../src/domain/orders/Order.ts"
import {
  begin,
  OrderNotPayable,
  type Outcome,
  PaymentRequest,
  PaymentSettled
} from "../../../src/domain/payments/Payment.ts"
import { record, settle } from "../../../src/domain/payments/SettlePayment.ts"
import { PaymentId } from "../../../src/domain/shared/Ids.ts"
import {
  attribution,
  createdOrder,
  name,
  order,
  outcome,
  paymentMethod,
  pendingPayment,
  pick,
  time
} from "../../../src/testing/Generators.ts"
import { faultsIn, untouched } from "../support.ts"

const attempt = Arbitrary.all({ id: Arbitrary.schema(PaymentId), paymentMethod, at: time })

describe("beginning a payment", () => {
  it.prop(
    "is for an order that is CREATED and has no payment in progress",
    { order, hasPending: pick([false, true]), attempt },
    ({ order, hasPending, attempt }) => {
      const begun = untouched(order, (order) => begin(order, hasPending, attempt))
      const { id: orderId, status: orderStatus } = order
      if (orderStatus !== "CREATED") assertFailure(begun, new OrderNotPayable({ orderId, orderStatus }))
      else if (hasPending) assertFailure(begun, new PaymentInProgress({ orderId }))
      else assertTrue(Result.isSuccess(begun))
    }
  )

  it.prop(
    "charges exactly the total of the order",
    { order: createdOrder, attempt },
    ({ order, attempt }) => {
      assertSuccess(begin(order, false, attempt), {
        id: attempt.id,
        orderId: order.id,
        status: "PENDING",
        amount: order.total,
        paymentMethod: attempt.paymentMethod,
        createdAt: attempt.at,
        orderStatus: "CREATED"
      })
    }
  )

  it.prop("names a payment method of at most 200 code points", { method: name(300) }, ({ method }) => {
    const faults = faultsIn(PaymentRequest, { paymentMethod: method })
    deepStrictEqual(faults, Array.from(method).length > 200 ? ["/paymentMethod"] : [])
    deepStrictEqual(faultsIn(PaymentRequest, { paymentMethod: " " }), ["/paymentMethod"])
  })

  it("says why it is refused", () => {
    const notPayable = new OrderNotPayable({ orderId: "o", orderStatus: "FAILED" })
    strictEqual(notPayable.message, "An order with status FAILED cannot be paid.")
    strictEqual(new PaymentInProgress({ orderId: "o" }).message, "A payment of this order is in progress.")
  })
})

// Written by hand: what becomes of the order, the event that says so, and whether the stock comes back.
const meaning = {
  APPROVED: ["PAID", "paid", false],
  DECLINED: ["FAILED", "declined", true],
  CANCELLED: ["CREATED", null, false]
} as const satisfies Record<Outcome, readonly [string, string | null, boolean]>

describe("settling a payment", () => {
  it.prop(
    "records the outcome and takes the order where it belongs",
    { pending: pendingPayment, outcome, attribution },
    ({ pending, outcome, attribution }) => {
      const [status, event, givesBack] = meaning[outcome]
      const { payment, advanced } = untouched(pending, ({ payment, order }) =>
        Result.getOrThrow(settle(payment, order, outcome, attribution))
      )
      deepStrictEqual(payment, { ...pending.payment, status: outcome, orderStatus: status })
      if (event === null) {
        strictEqual(advanced, null)
        return
      }
      const { order } = pending
      deepStrictEqual(advanced, {
        order: { ...order, status, version: 2, updatedAt: attribution.at },
        event: { sequence: 2, event, from: "CREATED", to: status, ...attribution },
        restocked: givesBack ? order.items : [],
        released: []
      })
    }
  )

  it.prop(
    "happens once: a later outcome is refused unless it is the first, and a later approval pays the order or is due back [P2]",
    { pending: pendingPayment, first: outcome, later: Arbitrary.array(outcome), attribution },
    ({ pending, first, later, attribution }) => {
      const { payment, advanced } = Result.getOrThrow(
        settle(pending.payment, pending.order, first, attribution)
      )
      const order = advanced?.order ?? pending.order
      for (const outcome of later) {
        const again = settle(payment, order, outcome, attribution)
        if (outcome === first) assertSuccess(again, { payment, advanced: null })
        else if (outcome === "APPROVED") {
          const late = Result.getOrThrow(again)
          strictEqual(late.payment.status, "APPROVED")
          const [status, event] = first === "CANCELLED" ? ["PAID", "paid"] : ["FAILED", "charged-late"]
          deepStrictEqual([late.advanced?.order.status, late.advanced?.event.event], [status, event])
        } else assertFailure(again, new PaymentSettled({ paymentId: payment.id, status: first }))
      }
    }
  )

  it.prop(
    "with CANCELLED leaves the order payable, with any other outcome it does not",
    { pending: pendingPayment, outcome, attribution, attempt },
    ({ pending, outcome, attribution, attempt }) => {
      const { advanced } = Result.getOrThrow(settle(pending.payment, pending.order, outcome, attribution))
      const again = begin(advanced?.order ?? pending.order, false, attempt)
      strictEqual(Result.isSuccess(again), outcome === "CANCELLED")
    }
  )

  it.prop(
    "is a defect if the order left CREATED meanwhile",
    { pending: pendingPayment, order, outcome: pick(["APPROVED", "DECLINED"]), attribution },
    ({ pending, order, outcome, attribution }) => {
      if (order.status !== "CREATED") throws(() => settle(pending.payment, order, outcome, attribution))
    }
  )
})

describe("recording a charge that the host has made", () => {
  it.prop(
    "is beginning a payment and settling it at once",
    { order, hasLive: pick([false, true]), attempt, outcome, attribution },
    ({ order, hasLive, attempt, outcome, attribution: { actor } }) => {
      const recorded = untouched(order, (order) => record(order, hasLive, { ...attempt, actor }, outcome))
      const { id: orderId, status: orderStatus } = order
      const hasEnded = orderStatus === "FAILED" || orderStatus === "CANCELLED"
      if (hasEnded && outcome === "APPROVED" && !hasLive) {
        const { payment, advanced } = Result.getOrThrow(recorded)
        deepStrictEqual([payment.status, payment.orderStatus], ["APPROVED", orderStatus])
        deepStrictEqual(advanced?.event, {
          sequence: order.version + 1,
          event: "charged-late",
          from: orderStatus,
          to: orderStatus,
          at: attempt.at,
          actor,
          amount: payment.amount
        })
        deepStrictEqual(advanced?.order, { ...order, version: order.version + 1, updatedAt: attempt.at })
      } else if (orderStatus !== "CREATED")
        assertFailure(recorded, new OrderNotPayable({ orderId, orderStatus }))
      else if (hasLive) assertFailure(recorded, new PaymentInProgress({ orderId }))
      else {
        const { payment, advanced } = Result.getOrThrow(recorded)
        const { at, ...rest } = attempt
        const status = meaning[outcome][0]
        deepStrictEqual(payment, {
          ...rest,
          orderId,
          status: outcome,
          amount: order.total,
          createdAt: at,
          orderStatus: status
        })
        strictEqual(advanced?.order.status ?? "CREATED", status)
        strictEqual(advanced?.event.actor ?? actor, actor)
      }
    }
  )
})
