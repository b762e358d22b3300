/** Cases of public bug reports, and the edges of each decision. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { currentTotal } from "../../../src/domain/fulfilment/CurrentTotal.ts"
import type { Fulfilment } from "../../../src/domain/fulfilment/Fulfilment.ts"
import { unitsOf } from "../../../src/domain/fulfilment/Units.ts"
import { advance, expire } from "../../../src/domain/orders/AdvanceOrder.ts"
import { IllegalTransition } from "../../../src/domain/orders/Lifecycle.ts"
import { type Order, PaymentInProgress } from "../../../src/domain/orders/Order.ts"
import { capture, endOf, isMoving, voidAuthorization } from "../../../src/domain/payments/Authorization.ts"
import { type Fulfilled, fulfilWithMoney } from "../../../src/domain/payments/FulfilWithMoney.ts"
import {
  begin,
  type GatewayAnswer,
  type Outcome,
  type Payment,
  PaymentSettled
} from "../../../src/domain/payments/Payment.ts"
import {
  NothingToRefund,
  PaymentNotAuthorized,
  type PaymentOperation,
  RefundTooLarge
} from "../../../src/domain/payments/PaymentOperation.ts"
import { chargeback, refund, refundableOf } from "../../../src/domain/payments/Refund.ts"
import { settleOperation } from "../../../src/domain/payments/SettleOperation.ts"
import { record, type SettleFacts, settle } from "../../../src/domain/payments/SettlePayment.ts"
import type { AdjustmentRequest } from "../../../src/domain/pricing/Adjustment.ts"
import { priceOrder } from "../../../src/domain/pricing/PriceOrder.ts"
import { CustomerId, OperationId, OrderId, PaymentId, ProductId } from "../../../src/domain/shared/Ids.ts"
import { InvalidInput, invalidAt } from "../../../src/domain/shared/InvalidInput.ts"

const at = new Date(0)
const attribution = { at, actor: "a test" }
const operationId = OperationId.make("0197f3a0-0000-7000-8000-0000000000dd")
const another = OperationId.make("0197f3a0-0000-7000-8000-0000000000de")
const attempt = { id: operationId, at }
const charge = {
  id: PaymentId.make("0197f3a0-0000-7000-8000-0000000000bb"),
  paymentMethod: "a card",
  ...attribution
}
const product = ProductId.make("0197f3a0-0000-7000-8000-0000000000cc")
const eur = (amount: number) => ({ amount, currency: "EUR" })

/** An order of units of one product, with fees. */
const orderOf = (
  price: number,
  quantity = 1,
  requests: ReadonlyArray<AdjustmentRequest> = [],
  currency = "EUR"
): Order => {
  const items: Order["items"] = [
    {
      productId: product,
      name: "a product",
      sku: null,
      unitPrice: { amount: price, currency },
      quantity,
      total: { amount: price * quantity, currency }
    }
  ]
  const { adjustments, total } = Result.getOrThrow(priceOrder(items, requests))
  return {
    id: OrderId.make("0197f3a0-0000-7000-8000-0000000000ff"),
    customerId: CustomerId.make("a customer"),
    status: "CREATED",
    items,
    ...(adjustments.length > 0 && { adjustments }),
    total,
    metadata: {},
    version: 1,
    createdAt: at,
    updatedAt: at
  }
}

interface Charged {
  readonly order: Order
  readonly payment: Payment
}

const failure = <A, E>(result: Result.Result<A, E>) => Result.getOrThrow(Result.flip(result))

/** An order with a payment that the gateway has answered. */
const answered = (order: Order, answer: Outcome | GatewayAnswer, facts: SettleFacts = {}): Charged => {
  const pending = Result.getOrThrow(begin(order, false, charge))
  const { payment, advanced } = Result.getOrThrow(settle(pending, order, answer, attribution, facts))
  return { payment, order: advanced?.order ?? order }
}
const paid = (order: Order) => answered(order, "APPROVED")
const held = (order: Order) => answered(order, { outcome: "AUTHORIZED", reference: "pi_1" })

/** A settled refund, with its payment. */
const refunded = (
  { order, payment }: Charged,
  amount?: number,
  known: ReadonlyArray<PaymentOperation> = []
) => {
  const reserved = Result.getOrThrow(
    refund(order, [payment], known, amount === undefined ? {} : { amount: eur(amount) }, attempt)
  )
  return settleOperation(reserved.operation, reserved.payment, order, "APPROVED", attribution)
}

const refunding = (
  { order, payment }: Charged,
  amount: number | undefined,
  known: ReadonlyArray<PaymentOperation> = []
) => refund(order, [payment], known, amount === undefined ? {} : { amount: eur(amount) }, attempt)

const fulfil = (
  order: Order,
  fulfilment: Fulfilment,
  payment: Payment,
  known: ReadonlyArray<PaymentOperation> = []
) => fulfilWithMoney(order, fulfilment, [payment], known, { ...attribution, operationId })

const moneyOf = (order: Order, payment: Payment, operations: ReadonlyArray<PaymentOperation>) => {
  const { captured, refunded, pending, due, refundable } = refundableOf(order, [payment], operations)
  return [captured, refunded, pending, due, refundable].map(({ amount }) => amount)
}

describe("a refund", () => {
  it("of more than is left is refused: 99 of 100, then 2; and 60 of 100 twice", () => {
    const bought = paid(orderOf(100))
    const first = refunded(bought, 99)
    const { order, payment } = { ...bought, payment: first.payment }
    const second = refunding({ order, payment }, 2, [first.operation])
    assert.deepStrictEqual(failure(second), new RefundTooLarge({ orderId: order.id, refundable: eur(1) }))
    assert.strictEqual(failure(second).message, "At most 1 minor units of EUR can be refunded.")

    const sixty = Result.getOrThrow(refunding(bought, 60))
    assert.deepStrictEqual(
      failure(refunding({ order, payment: sixty.payment }, 60, [sixty.operation])),
      new RefundTooLarge({ orderId: order.id, refundable: eur(40) })
    )
    assert.deepStrictEqual(
      failure(refunding(bought, 110)),
      new RefundTooLarge({ orderId: order.id, refundable: eur(100) })
    )
  })

  it("of a fee that is waived later is due; goodwill is not, and changes no unit", () => {
    const bought = paid(orderOf(5000, 2, [{ kind: "fee", code: "delivery", name: "delivery", amount: 1000 }]))
    const goodwill = refunded(bought, 500)
    assert.deepStrictEqual(goodwill.advanced?.order.units, undefined)
    assert.deepStrictEqual(unitsOf(goodwill.advanced?.order ?? bought.order), unitsOf(bought.order))
    assert.strictEqual(currentTotal(goodwill.advanced?.order ?? bought.order).amount, 11000)

    const shipped = Result.getOrThrow(advance(bought.order, "shipped", attribution)).order
    const waived = Result.getOrThrow(
      fulfil(shipped, { kind: "return", request: { fees: ["delivery"] } }, bought.payment)
    ).order
    assert.deepStrictEqual(moneyOf(waived, bought.payment, []), [11000, 0, 0, 1000, 11000])
    assert.deepStrictEqual(
      moneyOf(waived, goodwill.payment, [goodwill.operation]),
      [11000, 500, 0, 500, 10500]
    )
  })

  it("of what is due leaves nothing due, and then there is nothing to refund", () => {
    const bought = paid(orderOf(1000, 3))
    const part: Fulfilment = { kind: "cancel", request: { items: [{ productId: product, quantity: 2 }] } }
    const { order } = Result.getOrThrow(fulfil(bought.order, part, bought.payment))
    const { operation, payment, advanced } = refunded({ order, payment: bought.payment })
    assert.deepStrictEqual(operation.amount, eur(2000))
    assert.deepStrictEqual(payment.refunded, eur(2000))
    const event = advanced?.event
    assert.deepStrictEqual(
      [event?.event, event?.from, event?.to, event?.amount],
      ["refunded", "PAID", "PAID", eur(2000)]
    )
    assert.deepStrictEqual(moneyOf(order, payment, [operation]), [3000, 2000, 0, 0, 1000])
    const again = failure(refunding({ order, payment }, undefined, [operation]))
    assert.deepStrictEqual(again, new NothingToRefund({ orderId: order.id }))
    assert.strictEqual(again.message, "The order has nothing to refund.")
  })

  it.each([9899, 5800])("is exact in a currency without minor units: %d yen", (amount) => {
    const bought = paid(orderOf(amount, 1, [], "JPY"))
    const { order, reserved } = Result.getOrThrow(
      fulfil(bought.order, { kind: "cancel", request: { refund: true } }, bought.payment)
    )
    assert.strictEqual(order.status, "CANCELLED")
    assert.deepStrictEqual(reserved?.operation.amount, { amount, currency: "JPY" })
    assert.instanceOf(failure(refunding(bought, 1)), InvalidInput)
  })

  it("that is declined or cancelled gives back what it reserved", () => {
    const { order, payment } = paid(orderOf(100))
    const made = Result.getOrThrow(refunding({ order, payment }, 60))
    assert.deepStrictEqual(moneyOf(order, made.payment, [made.operation]), [100, 0, 60, 0, 40])
    for (const outcome of ["DECLINED", "CANCELLED"] as const) {
      const settled = settleOperation(made.operation, made.payment, order, outcome, attribution)
      assert.isNull(settled.advanced)
      assert.deepStrictEqual(settled.payment, payment)
      assert.deepStrictEqual(moneyOf(order, settled.payment, [settled.operation]), [100, 0, 0, 0, 100])
    }
  })

  it("that fails after it was approved is due again", () => {
    const { order, payment } = paid(orderOf(100))
    const whole: Fulfilment = { kind: "cancel", request: { refund: true, reason: "too late" } }
    const cancelled = Result.getOrThrow(fulfil(order, whole, payment)) satisfies Fulfilled
    assert.isNotNull(cancelled.reserved)
    const { operation, payment: reserved } = cancelled.reserved
    assert.strictEqual(operation.reason, "too late")
    const approved = settleOperation(operation, reserved, cancelled.order, "APPROVED", attribution)
    const after = approved.advanced?.order ?? order
    const bounced = settleOperation(approved.operation, approved.payment, after, "DECLINED", attribution)
    assert.strictEqual(bounced.advanced?.event.event, "refund-failed")
    assert.deepStrictEqual(
      moneyOf(cancelled.order, bounced.payment, [bounced.operation]),
      [100, 0, 0, 100, 100]
    )
  })

  it("needs money that was captured", () => {
    const placed = orderOf(100)
    const nothing = new NothingToRefund({ orderId: placed.id })
    for (const { order, payment } of [
      held(placed),
      answered(placed, "DECLINED"),
      answered(placed, "CANCELLED")
    ])
      assert.deepStrictEqual(failure(refunding({ order, payment }, 1)), nothing)
    assert.deepStrictEqual(failure(refund(placed, [], [], { amount: eur(1) }, attempt)), nothing)
  })
})

describe("a chargeback", () => {
  it("is recorded as the bank says, and lowers what can be refunded", () => {
    const bought = paid(orderOf(100))
    const first = refunded(bought, 30)
    const made = Result.getOrThrow(
      chargeback(bought.order, [first.payment], [], { amount: eur(150) }, { ...attempt, id: another })
    )
    assert.deepStrictEqual(made.payment, first.payment)
    const { operation, payment, advanced } = settleOperation(
      made.operation,
      made.payment,
      bought.order,
      "APPROVED",
      attribution
    )
    assert.strictEqual(advanced?.event.event, "charged-back")
    const known = [first.operation, operation]
    assert.deepStrictEqual(moneyOf(bought.order, payment, known), [100, 30, 0, 0, 0])
    assert.deepStrictEqual(refundableOf(bought.order, [payment], known).chargedBack, eur(150))
    assert.deepStrictEqual(
      failure(refunding({ order: bought.order, payment }, 1, known)),
      new NothingToRefund({ orderId: bought.order.id })
    )
    const won = settleOperation(operation, payment, bought.order, "DECLINED", attribution)
    assert.strictEqual(won.advanced?.event.event, "chargeback-reversed")
    assert.deepStrictEqual(
      moneyOf(bought.order, won.payment, [first.operation, won.operation]),
      [100, 30, 0, 0, 70]
    )
  })

  it("needs a charge, in the currency of the order", () => {
    const { order, payment } = held(orderOf(100))
    assert.instanceOf(failure(chargeback(order, [payment], [], { amount: eur(1) }, attempt)), NothingToRefund)
    const usd = { amount: { amount: 1, currency: "USD" } }
    assert.instanceOf(failure(chargeback(order, [payment], [], usd, attempt)), InvalidInput)
  })

  it("fails with InvalidInput if all chargebacks together exceed what JSON carries exactly", () => {
    const { order, payment } = paid(orderOf(100))
    const most = { amount: eur(Number.MAX_SAFE_INTEGER) }
    const first = Result.getOrThrow(chargeback(order, [payment], [], most, attempt))
    const { operation } = settleOperation(first.operation, payment, order, "APPROVED", attribution)
    const more = { amount: eur(1) }
    assert.deepStrictEqual(
      failure(chargeback(order, [payment], [operation], more, attempt)),
      invalidAt("/amount/amount", "Expected at most 0")
    )
    const reversed = settleOperation(operation, payment, order, "DECLINED", attribution).operation
    assert.isTrue(Result.isSuccess(chargeback(order, [payment], [reversed], more, attempt)))
  })
})

describe("an authorization", () => {
  const notAuthorized = new PaymentNotAuthorized({ orderId: orderOf(1).id })

  it("holds the amount: the order stays unpaid, and can neither expire, nor be paid again, nor be shipped", () => {
    const { order, payment } = held(orderOf(100))
    assert.strictEqual(order.status, "CREATED")
    assert.deepStrictEqual(
      [payment.status, payment.reference, payment.authorizedAt, payment.amount],
      ["AUTHORIZED", "pi_1", at, eur(100)]
    )
    assert.instanceOf(failure(expire(order, true, attribution)), PaymentInProgress)
    assert.instanceOf(failure(begin(order, true, charge)), PaymentInProgress)
    assert.instanceOf(failure(fulfil(order, { kind: "ship", request: {} }, payment)), IllegalTransition)
  })

  it("is captured for what is left of the order", () => {
    const placed = held(orderOf(1000, 3))
    const part: Fulfilment = { kind: "cancel", request: { items: [{ productId: product, quantity: 1 }] } }
    const { order, reserved } = Result.getOrThrow(fulfil(placed.order, part, placed.payment))
    assert.isNull(reserved)
    const made = Result.getOrThrow(capture(order, [placed.payment], [], attempt))
    assert.deepStrictEqual(made.operation.amount, eur(2000))
    const { payment, advanced } = settleOperation(
      made.operation,
      made.payment,
      order,
      "APPROVED",
      attribution
    )
    assert.deepStrictEqual(
      [payment.status, payment.captured, payment.orderStatus],
      ["APPROVED", eur(2000), "PAID"]
    )
    assert.strictEqual(advanced?.event.event, "paid")
    assert.deepStrictEqual(moneyOf(advanced?.order ?? order, payment, []), [2000, 0, 0, 0, 2000])
  })

  it("is captured or voided once: what ends it refuses the other", () => {
    const { order, payment } = held(orderOf(100))
    for (const first of [capture, voidAuthorization]) {
      const { operation } = Result.getOrThrow(first(order, [payment], [], attempt))
      for (const second of [capture, voidAuthorization]) {
        assert.deepStrictEqual(failure(second(order, [payment], [operation], attempt)), notAuthorized)
        const done = settleOperation(operation, payment, order, "APPROVED", attribution)
        const after = done.advanced?.order ?? order
        assert.deepStrictEqual(
          failure(second(after, [done.payment], [done.operation], attempt)),
          notAuthorized
        )
      }
      assert.isTrue(isMoving([payment], [operation]))
      assert.instanceOf(
        failure(fulfil(order, { kind: "cancel", request: {} }, payment, [operation])),
        PaymentInProgress
      )
      const failed = settleOperation(operation, payment, order, "CANCELLED", attribution)
      assert.deepStrictEqual(failed.payment, payment)
      assert.isFalse(isMoving([payment], [failed.operation]))
      assert.isTrue(Result.isSuccess(capture(order, [payment], [failed.operation], attempt)))
    }
    assert.strictEqual(
      notAuthorized.message,
      "The order has no authorization that can be captured or voided."
    )
  })

  it("that ends without a charge leaves the order payable: by a void, by a declined capture, by the bank", () => {
    const { order, payment } = held(orderOf(100))
    const release = Result.getOrThrow(voidAuthorization(order, [payment], [], attempt))
    const taken = Result.getOrThrow(capture(order, [payment], [], attempt))
    const ended = [
      settleOperation(release.operation, payment, order, "APPROVED", attribution),
      settleOperation(taken.operation, payment, order, "DECLINED", attribution),
      Result.getOrThrow(settle(payment, order, "CANCELLED", attribution)),
      Result.getOrThrow(settle(payment, order, "DECLINED", attribution))
    ]
    for (const { payment, advanced } of ended) {
      assert.strictEqual(payment.status, "CANCELLED")
      assert.strictEqual(advanced?.event.event, "authorization-voided")
      assert.strictEqual(advanced?.order.status, "CREATED")
      assert.isTrue(Result.isSuccess(begin(advanced?.order ?? order, false, charge)))
      for (const again of ["CANCELLED", "DECLINED", { outcome: "AUTHORIZED" }] as const)
        assert.deepStrictEqual(Result.getOrThrow(settle(payment, order, again, attribution)), {
          payment,
          advanced: null
        })
    }
  })

  it("of a cancelled order is voided with it, and cannot be captured any more", () => {
    const { order, payment } = held(orderOf(100))
    const whole: Fulfilment = { kind: "cancel", request: { refund: true } }
    const { order: cancelled, reserved } = Result.getOrThrow(fulfil(order, whole, payment))
    assert.strictEqual(cancelled.status, "CANCELLED")
    assert.isNotNull(reserved)
    assert.deepStrictEqual([reserved.operation.kind, reserved.operation.amount], ["void", eur(100)])
    assert.deepStrictEqual(
      failure(capture(cancelled, [payment], [reserved.operation], attempt)),
      notAuthorized
    )
    const declined = settleOperation(reserved.operation, payment, cancelled, "DECLINED", attribution)
    assert.deepStrictEqual(
      failure(capture(cancelled, [payment], [declined.operation], attempt)),
      notAuthorized
    )
    assert.isTrue(Result.isSuccess(voidAuthorization(cancelled, [payment], [declined.operation], attempt)))
    const voided = settleOperation(reserved.operation, payment, cancelled, "APPROVED", attribution)
    assert.deepStrictEqual(
      [voided.advanced?.event.event, voided.advanced?.order.status, voided.payment.status],
      ["authorization-voided", "CANCELLED", "CANCELLED"]
    )
  })

  it("that the gateway charges after its void was approved takes the void back, and is due back", () => {
    const { order, payment } = held(orderOf(100))
    const { operation } = Result.getOrThrow(voidAuthorization(order, [payment], [], attempt))
    const voided = settleOperation(operation, payment, order, "APPROVED", attribution)
    const cancelled = { ...(voided.advanced?.order ?? order), status: "CANCELLED" } as const
    const facts = { end: voided.operation }
    const late = Result.getOrThrow(settle(voided.payment, cancelled, "APPROVED", attribution, facts))
    assert.deepStrictEqual(
      [late.payment.status, late.operation?.status, late.advanced?.event.event],
      ["APPROVED", "DECLINED", "charged-late"]
    )
  })

  it("that was captured is refunded with the cancelled order, and not voided", () => {
    const { order, payment } = held(orderOf(100))
    const made = Result.getOrThrow(capture(order, [payment], [], attempt))
    const done = settleOperation(made.operation, payment, order, "APPROVED", attribution)
    const { order: cancelled, reserved } = Result.getOrThrow(
      fulfil(done.advanced?.order ?? order, { kind: "cancel", request: { refund: true } }, done.payment, [
        done.operation
      ])
    )
    assert.strictEqual(cancelled.status, "CANCELLED")
    assert.deepStrictEqual([reserved?.operation.kind, reserved?.operation.amount], ["refund", eur(100)])
    assert.deepStrictEqual(reserved?.payment.refunded, eur(100))
  })

  it("that the gateway captures or voids by itself settles the operation that was asked for", () => {
    const { order, payment } = held(orderOf(100))
    const cases = [
      { made: capture, outcome: "APPROVED", ends: "APPROVED", status: "PAID" },
      { made: capture, outcome: "CANCELLED", ends: "DECLINED", status: "CREATED" },
      { made: voidAuthorization, outcome: "CANCELLED", ends: "APPROVED", status: "CREATED" },
      { made: voidAuthorization, outcome: "APPROVED", ends: "DECLINED", status: "PAID" }
    ] as const
    for (const { made, outcome, ends, status } of cases) {
      const { operation } = Result.getOrThrow(made(order, [payment], [], attempt))
      const end = endOf(payment, [operation])
      const settled = Result.getOrThrow(settle(payment, order, outcome, attribution, { end }))
      assert.strictEqual(settled.operation?.status, ends)
      assert.strictEqual(settled.advanced?.order.status, status)
    }
  })
})

describe("a charge that comes late", () => {
  const placed = orderOf(100)
  const expired = Result.getOrThrow(expire(placed, false, attribution)).order
  const gone = answered(placed, "CANCELLED").payment

  it("is due back if the order has expired or was cancelled", () => {
    const { order: cancelled } = Result.getOrThrow(fulfil(placed, { kind: "cancel", request: {} }, gone))
    for (const ended of [expired, cancelled]) {
      for (const { payment, advanced } of [
        Result.getOrThrow(settle(gone, ended, "APPROVED", attribution)),
        Result.getOrThrow(record(ended, false, charge, "APPROVED"))
      ]) {
        const order = advanced?.order ?? ended
        assert.deepStrictEqual(
          [advanced?.event.event, advanced?.event.amount, order.status],
          ["charged-late", eur(100), ended.status]
        )
        assert.deepStrictEqual(moneyOf(order, payment, []), [100, 0, 0, 100, 100])
        const back = refunded({ order, payment })
        assert.deepStrictEqual(moneyOf(order, back.payment, [back.operation]), [100, 100, 0, 0, 0])
        assert.isTrue(Result.isFailure(record(order, true, charge, "APPROVED")))
      }
    }
  })

  it("pays an order that can still be paid, and is refused while another payment counts", () => {
    const late = Result.getOrThrow(settle(gone, placed, "APPROVED", attribution))
    assert.strictEqual(late.advanced?.order.status, "PAID")
    assert.deepStrictEqual(
      failure(settle(gone, placed, "APPROVED", attribution, { hasOther: true })),
      new PaymentSettled({ paymentId: gone.id, status: "CANCELLED" })
    )
  })

  it.each(["fail", "payable"] as const)(
    "after a decline is due back if the order has failed, and pays one that is payable (afterDecline: %s)",
    (afterDecline) => {
      const failed = answered(placed, "DECLINED")
      assert.strictEqual(failed.order.status, "FAILED")
      const late = Result.getOrThrow(
        settle(failed.payment, failed.order, "APPROVED", attribution, { afterDecline })
      )
      const order = late.advanced?.order ?? failed.order
      assert.deepStrictEqual(
        [order.status, late.payment.status, late.advanced?.event.event, late.advanced?.restocked],
        ["FAILED", "APPROVED", "charged-late", []]
      )
      assert.deepStrictEqual(moneyOf(order, late.payment, []), [100, 0, 0, 100, 100])
      const payable = answered(placed, "DECLINED", { afterDecline: "payable" })
      assert.deepStrictEqual([payable.payment.status, payable.order], ["DECLINED", placed])
      const again = settle(payable.payment, payable.order, "APPROVED", attribution, { afterDecline })
      assert.strictEqual(Result.getOrThrow(again).advanced?.order.status, "PAID")
    }
  )

  it("is the last word: neither a decline nor a cancellation takes an approval back", () => {
    const declined = answered(placed, "DECLINED")
    const { payment, advanced } = Result.getOrThrow(
      settle(declined.payment, declined.order, "APPROVED", attribution)
    )
    const order = advanced?.order ?? declined.order
    for (const outcome of ["DECLINED", "CANCELLED"] as const) {
      assert.deepStrictEqual(
        failure(settle(payment, order, outcome, attribution)),
        new PaymentSettled({ paymentId: payment.id, status: "APPROVED" })
      )
    }
    const cancelled = settle(declined.payment, declined.order, "CANCELLED", attribution)
    assert.deepStrictEqual(failure(cancelled), new PaymentSettled({ paymentId: gone.id, status: "DECLINED" }))
  })
})

describe("a payment that waits for the customer", () => {
  it("stays pending with what to do, and forgets it with the outcome", () => {
    const nextAction = { kind: "redirect", url: "https://bank.example/3ds" } as const
    const waiting = answered(orderOf(100), { outcome: "PENDING", nextAction, reference: "pi_1" })
    assert.deepStrictEqual(
      [waiting.payment.status, waiting.payment.nextAction, waiting.payment.reference, waiting.order.version],
      ["PENDING", nextAction, "pi_1", 1]
    )
    const { payment } = Result.getOrThrow(settle(waiting.payment, waiting.order, "APPROVED", attribution))
    assert.deepStrictEqual(
      [payment.status, payment.nextAction, payment.reference],
      ["APPROVED", undefined, "pi_1"]
    )
    const again = settle(payment, waiting.order, { outcome: "PENDING", nextAction }, attribution)
    assert.deepStrictEqual(Result.getOrThrow(again), { payment, advanced: null })
  })
})
