/** Laws of money over random lives of orders: what a gateway says, what people ask for, in any order and any number. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Result } from "effect"
import { currentTotal } from "../../../src/domain/fulfilment/CurrentTotal.ts"
import type { Fulfilment } from "../../../src/domain/fulfilment/Fulfilment.ts"
import { unitsOf } from "../../../src/domain/fulfilment/Units.ts"
import { type Advanced, expire } from "../../../src/domain/orders/AdvanceOrder.ts"
import { lifecycle, revenueTreatment } from "../../../src/domain/orders/Lifecycle.ts"
import type { Order, OrderEvent } from "../../../src/domain/orders/Order.ts"
import { capture, endOf, voidAuthorization } from "../../../src/domain/payments/Authorization.ts"
import { fulfilWithMoney } from "../../../src/domain/payments/FulfilWithMoney.ts"
import { begin, capturedOf, isLive, type Payment } from "../../../src/domain/payments/Payment.ts"
import {
  counts,
  type PaymentOperation,
  type Reserved
} from "../../../src/domain/payments/PaymentOperation.ts"
import { chargeback, refund, refundableOf } from "../../../src/domain/payments/Refund.ts"
import { settleOperation } from "../../../src/domain/payments/SettleOperation.ts"
import { record, settle } from "../../../src/domain/payments/SettlePayment.ts"
import { priceOrder } from "../../../src/domain/pricing/PriceOrder.ts"
import { CustomerId, OperationId, OrderId, PaymentId, ProductId } from "../../../src/domain/shared/Ids.ts"
import { int, pick, struct } from "../../../src/testing/generators/Values.ts"

/** All that a store knows of one order. */
interface Books {
  readonly order: Order
  readonly payments: ReadonlyArray<Payment>
  readonly operations: ReadonlyArray<PaymentOperation>
  readonly events: ReadonlyArray<Pick<OrderEvent, "event" | "from" | "to">>
}

const uuid = (n: number) => `0197f3a0-0000-7000-8000-${String(n).padStart(12, "0")}`

const gatewayAnswers = ["APPROVED", "DECLINED", "CANCELLED", "AUTHORIZED", "PENDING"] as const
const outcomes = ["APPROVED", "DECLINED", "CANCELLED"] as const

const step = struct<{
  kind: (typeof kinds)[number]
  which: number
  answer: (typeof gatewayAnswers)[number]
  outcome: (typeof outcomes)[number]
  amount: number
  afterDecline: "fail" | "payable"
  isRefunded: boolean
}>({
  kind: pick([
    "pay",
    "answer",
    "answer",
    "answer",
    "capture",
    "void",
    "refund due",
    "refund",
    "settle",
    "settle",
    "settle",
    "charge back",
    "ship",
    "ship one",
    "cancel",
    "cancel one",
    "return one",
    "record",
    "expire"
  ]),
  which: int(0, 5),
  answer: pick(gatewayAnswers),
  outcome: pick([...outcomes, "APPROVED"]),
  amount: int(1, 3000),
  afterDecline: pick(["fail", "fail", "payable"]),
  isRefunded: pick([false, true])
})
type Step = typeof step extends Arbitrary.Arbitrary<infer A> ? A : never

const kinds = [
  "pay",
  "answer",
  "capture",
  "void",
  "refund due",
  "refund",
  "settle",
  "charge back",
  "ship",
  "ship one",
  "cancel",
  "cancel one",
  "return one",
  "record",
  "expire"
] as const

const replace = <A extends { readonly id: string }>(all: ReadonlyArray<A>, one: A): ReadonlyArray<A> =>
  all.some(({ id }) => id === one.id)
    ? all.map((known) => (known.id === one.id ? one : known))
    : [...all, one]

const saved = (books: Books, advanced: Advanced | null): Books =>
  advanced === null ? books : { ...books, order: advanced.order, events: [...books.events, advanced.event] }

const reserved = (books: Books, { operation, payment }: Reserved): Books => ({
  ...books,
  operations: replace(books.operations, operation),
  payments: replace(books.payments, payment)
})

const isCounted = (payment: Payment) => isLive(payment) || payment.status === "APPROVED"

/** Takes a step, as a store does. A refusal leaves the books as they are. */
const take = (books: Books, step: Step, n: number): Books => {
  const { order, payments, operations } = books
  const attribution = { at: new Date(order.updatedAt.getTime() + 1000), actor: "a test" }
  const attempt = { id: OperationId.make(uuid(n)), at: attribution.at }
  const charge = { id: PaymentId.make(uuid(n)), paymentMethod: "a card", ...attribution }
  const item = { productId: order.items[0].productId, quantity: 1 }
  const done = <A, E>(decided: Result.Result<A, E>, save: (value: A) => Books): Books =>
    Result.isFailure(decided) ? books : save(decided.success)
  const fulfilled = (fulfilment: Fulfilment) =>
    done(
      fulfilWithMoney(order, fulfilment, payments, operations, { ...attribution, operationId: attempt.id }),
      (moved) =>
        moved.reserved === null ? saved(books, moved) : reserved(saved(books, moved), moved.reserved)
    )
  const moneyOf = (amount: number) => ({ amount, currency: order.total.currency })
  switch (step.kind) {
    case "pay":
      return done(begin(order, payments.some(isLive), charge), (payment) => ({
        ...books,
        payments: [...payments, payment]
      }))
    case "answer": {
      const payment = payments[step.which % Math.max(1, payments.length)]
      if (payment === undefined) return books
      const facts = {
        afterDecline: step.afterDecline,
        hasOther: payments.some((other) => other.id !== payment.id && isCounted(other)),
        end: endOf(payment, operations)
      }
      const { answer } = step
      const said =
        answer === "PENDING"
          ? ({ outcome: answer, nextAction: { kind: "redirect", url: "https://a.bank/" } } as const)
          : { outcome: answer }
      return done(settle(payment, order, said, attribution, facts), (settled) => ({
        ...saved(books, settled.advanced),
        payments: replace(payments, settled.payment),
        operations: settled.operation === undefined ? operations : replace(operations, settled.operation)
      }))
    }
    case "capture":
      return done(capture(order, payments, operations, attempt), (made) => reserved(books, made))
    case "void":
      return done(voidAuthorization(order, payments, operations, attempt), (made) => reserved(books, made))
    case "refund due":
      return done(refund(order, payments, operations, {}, attempt), (made) => reserved(books, made))
    case "refund":
      return done(
        refund(order, payments, operations, { amount: moneyOf(step.amount), reason: "goodwill" }, attempt),
        (made) => reserved(books, made)
      )
    case "settle": {
      const operation = operations[step.which % Math.max(1, operations.length)]
      const payment = payments.find(({ id }) => id === operation?.paymentId)
      if (operation === undefined || payment === undefined) return books
      const settled = settleOperation(operation, payment, order, step.outcome, attribution)
      return reserved(saved(books, settled.advanced), settled)
    }
    case "charge back":
      return done(
        chargeback(order, payments, operations, { amount: moneyOf(step.amount) }, attempt),
        (made) => {
          const settled = settleOperation(made.operation, made.payment, order, "APPROVED", attribution)
          return reserved(saved(books, settled.advanced), settled)
        }
      )
    case "ship":
      return fulfilled({ kind: "ship", request: {} })
    case "ship one":
      return fulfilled({ kind: "ship", request: { items: [item] } })
    case "cancel":
      return fulfilled({ kind: "cancel", request: { refund: step.isRefunded } })
    case "cancel one":
      return fulfilled({ kind: "cancel", request: { items: [item], refund: step.isRefunded } })
    case "return one":
      return fulfilled({ kind: "return", request: { items: [item] } })
    case "record":
      return done(record(order, payments.some(isCounted), charge, step.outcome), (settled) => ({
        ...saved(books, settled.advanced),
        payments: [...payments, settled.payment]
      }))
    case "expire":
      return done(expire(order, payments.some(isLive), attribution), (advanced) => saved(books, advanced))
  }
}

/** Orders of up to three units of one product, most of them with a fee. Small, so that their lives can be long. */
const smallOrder = Arbitrary.map(
  Arbitrary.all({ price: int(0, 1000), quantity: int(1, 3), fee: int(0, 500) }),
  ({ price, quantity, fee }): Order => {
    const items: Order["items"] = [
      {
        productId: ProductId.make(uuid(1_000_001)),
        name: "a product",
        sku: null,
        unitPrice: { amount: price, currency: "EUR" },
        quantity,
        total: { amount: price * quantity, currency: "EUR" }
      }
    ]
    const delivery = { kind: "fee", code: "delivery", name: "delivery", amount: fee } as const
    return {
      id: OrderId.make(uuid(1_000_002)),
      customerId: CustomerId.make("a customer"),
      status: "CREATED",
      items,
      ...Result.getOrThrow(priceOrder(items, fee > 100 ? [delivery] : [])),
      metadata: {},
      version: 1,
      createdAt: new Date(0),
      updatedAt: new Date(0)
    }
  }
)

/** Random lives. Most of them begin with a paid or authorized order, so that late steps happen often. */
const life = struct<{ order: Order; start: "placed" | "paid" | "authorized"; steps: ReadonlyArray<Step> }>({
  order: smallOrder,
  start: pick(["placed", "paid", "authorized"]),
  steps: Arbitrary.array(step, { minLength: 8, maxLength: 25 })
})

const moneySteps: ReadonlyArray<string> = [
  "pay",
  "answer",
  "capture",
  "void",
  "refund due",
  "refund",
  "settle",
  "charge back",
  "record",
  "expire"
]

/** Follows a life, and checks each step. */
const follow = (
  { order, start, steps }: typeof life extends Arbitrary.Arbitrary<infer A> ? A : never,
  check: (before: Books, after: Books, step: Step) => void
): Books => {
  const first = { id: PaymentId.make(uuid(999_999)), paymentMethod: "a card" }
  const by = { at: order.updatedAt, actor: "a test" }
  const pending = Result.getOrThrow(begin(order, false, { ...first, ...by }))
  const outcome = start === "paid" ? "APPROVED" : "AUTHORIZED"
  const { payment, advanced } = Result.getOrThrow(settle(pending, order, { outcome }, by))
  const placed: Books = { order, payments: [], operations: [], events: [] }
  const begun = start === "placed" ? placed : { ...saved(placed, advanced), payments: [payment] }
  return steps.reduce<Books>((before, step, n) => {
    const after = take(before, step, n + 1)
    check(before, after, step)
    return after
  }, begun)
}

const sumOf = (operations: ReadonlyArray<PaymentOperation>, kind: PaymentOperation["kind"]) =>
  operations
    .filter((operation) => operation.kind === kind && counts(operation))
    .reduce((sum, { amount }) => sum + amount.amount, 0)

const chargedIn = ({ payments }: Books) => payments.reduce((sum, payment) => sum + capturedOf(payment), 0)

describe("the money of an order, whatever happens to it", () => {
  it.prop("is never refunded beyond what was captured [P9]", { life }, ({ life }) => {
    follow(life, (_, { payments, operations }) => {
      for (const payment of payments) {
        const own = operations.filter(({ paymentId }) => paymentId === payment.id)
        const refunds = sumOf(own, "refund")
        assert.isAtMost(refunds, capturedOf(payment))
        assert.strictEqual(payment.refunded?.amount ?? 0, refunds)
      }
    })
  })

  it.prop(
    "is captured up to what was authorized, and covers what is left of the order [P10]",
    { life },
    ({ life }) => {
      follow(life, (_, books) => {
        const { order, payments } = books
        for (const payment of payments) assert.isAtMost(capturedOf(payment), payment.amount.amount)
        if (revenueTreatment[order.status] !== "nothing")
          assert.isAtLeast(chargedIn(books), currentTotal(order).amount)
      })
    }
  )

  it.prop("counts in one payment at most, and each charge has its event", { life }, ({ life }) => {
    follow(life, (_, { order, payments, events }) => {
      assert.isAtMost(payments.filter(isCounted).length, 1)
      const charges = events.filter(({ event }) => event === "paid" || event === "charged-late")
      assert.strictEqual(payments.filter(({ status }) => status === "APPROVED").length, charges.length)
      if (revenueTreatment[order.status] !== "nothing") assert.strictEqual(charges.length, 1)
      if (order.status === "CREATED") assert.strictEqual(charges.length, 0)
    })
  })

  it.prop("leaves an authorization once: by one capture or one void [P10]", { life }, ({ life }) => {
    follow(life, (_, { order, payments, operations }) => {
      for (const payment of payments) {
        const ends = operations.filter(
          (operation) =>
            operation.paymentId === payment.id &&
            (operation.kind === "capture" || operation.kind === "void") &&
            counts(operation)
        )
        assert.isAtMost(ends.length, 1)
        const [end] = ends
        if (end?.status === "APPROVED")
          assert.strictEqual(payment.status, end.kind === "capture" ? "APPROVED" : "CANCELLED")
        if (end?.status === "PENDING") assert.strictEqual(payment.status, "AUTHORIZED")
        if (payment.status !== "AUTHORIZED") continue
        assert.include(["CREATED", "CANCELLED"], order.status)
        assert.isDefined(payment.authorizedAt)
        const failed = operations.some(({ kind, status }) => kind === "void" && status !== "PENDING")
        if (order.status === "CANCELLED" && !failed) assert.strictEqual(end?.kind, "void")
      }
    })
  })

  it.prop(
    "changes no units, and units change no money but by the refund that was asked for [P14]",
    { life },
    ({ life }) => {
      follow(life, (before, after, { kind, isRefunded }) => {
        const others = (books: Books) => books.operations.filter(({ kind }) => kind !== "void")
        if (moneySteps.includes(kind)) {
          if (!["CANCELLED", "FAILED"].includes(after.order.status)) {
            assert.deepStrictEqual(
              unitsOf(after.order),
              unitsOf(before.order).map((units) => ({ ...units }))
            )
          }
          assert.deepStrictEqual(after.order.units, before.order.units)
          assert.deepStrictEqual(currentTotal(after.order), currentTotal(before.order))
          return
        }
        assert.strictEqual(chargedIn(after), chargedIn(before))
        if (!isRefunded || !kind.startsWith("cancel")) {
          assert.deepStrictEqual(others(after), others(before))
          assert.deepStrictEqual(after.payments, before.payments)
        }
      })
    }
  )

  it.prop("is not due any more once what is due was refunded [P13]", { life }, ({ life }) => {
    follow(life, (before, after, { kind, isRefunded }) => {
      const { order, payments, operations } = after
      const { captured, refunded, pending, chargedBack, due, refundable } = refundableOf(
        order,
        payments,
        operations
      )
      assert.isAtMost(due.amount, refundable.amount)
      const gone = refunded.amount + pending.amount + (chargedBack?.amount ?? 0)
      assert.strictEqual(refundable.amount, Math.max(0, captured.amount - gone))
      if (kind === "refund due" || (kind === "cancel" && isRefunded && after !== before))
        assert.strictEqual(due.amount, 0)
      if (order.status === "CANCELLED" || order.status === "FAILED")
        assert.strictEqual(due.amount, refundable.amount)
    })
  })

  it.prop("is written into the history of the order, and its version counts it", { life }, ({ life }) => {
    const { order, events } = follow(life, (before, after) => {
      const added = after.events.slice(before.events.length)
      assert.isAtMost(added.length, 1)
      for (const { event, from, to } of added) {
        assert.strictEqual(from, before.order.status)
        assert.isTrue(
          lifecycle.some((row) => row.event === event && row.from === from && row.to === to),
          `${event} from ${from} to ${to}`
        )
      }
      const moved = (books: Books) => [chargedIn(books), sumApproved(books)].join()
      if (moved(before) !== moved(after)) assert.isNotEmpty(added)
    })
    assert.strictEqual(order.version, life.order.version + events.length)
  })

  it.prop("moves once: what a gateway says again changes nothing", { life }, ({ life }) => {
    follow(life, (_, after, step) => {
      if (step.kind !== "answer" && step.kind !== "settle") return
      assert.deepStrictEqual(take(after, step, 500), after)
    })
  })
})

const sumApproved = ({ operations }: Books) =>
  operations
    .filter(({ kind, status }) => (kind === "refund" || kind === "chargeback") && status === "APPROVED")
    .reduce((sum, { amount }) => sum + amount.amount, 0)

describe("an operation that was settled", () => {
  it.prop(
    "ignores the second word, unless money comes back, and that once [P11]",
    { life, second: pick(outcomes), third: pick(outcomes) },
    ({ life, second, third }) => {
      const { order, payments, operations } = follow(life, () => {})
      const attribution = { at: new Date(0), actor: "a test" }
      for (const operation of operations) {
        const payment = payments.find(({ id }) => id === operation.paymentId)
        if (payment === undefined || operation.status === "PENDING") continue
        const again = settleOperation(operation, payment, order, second, attribution)
        const isReturn = operation.kind === "refund" || operation.kind === "chargeback"
        const comesBack = operation.status === "APPROVED" && second === "DECLINED" && isReturn
        assert.strictEqual(again.advanced !== null, comesBack)
        assert.strictEqual(again.operation.status, comesBack ? "DECLINED" : operation.status)
        const last = settleOperation(
          again.operation,
          again.payment,
          again.advanced?.order ?? order,
          comesBack ? third : operation.status === "APPROVED" ? "APPROVED" : third,
          attribution
        )
        assert.isNull(last.advanced)
        assert.strictEqual(last.operation.status, again.operation.status)
      }
    }
  )
})

describe("a random life", () => {
  it("reaches what the laws are about", () => {
    const seen = new Set<string>()
    const lives = Effect.runSync(Arbitrary.sampleEffect(life, { count: 1500, seed: 1 }))
    for (const one of lives) {
      follow(one, (before, after) => {
        for (const { event } of after.events.slice(before.events.length)) seen.add(event)
        for (const { kind, status } of after.operations) seen.add(`${kind} ${status}`)
      })
    }
    const expected = [
      ...["authorized", "authorization-voided", "charged-late", "refunded", "refund-failed"],
      ...["charged-back", "chargeback-reversed", "paid", "cancelled", "returned"],
      ...["capture", "void", "refund"].flatMap((kind) =>
        ["PENDING", ...outcomes].map((status) => `${kind} ${status}`)
      )
    ]
    assert.deepStrictEqual(
      expected.filter((what) => !seen.has(what)),
      []
    )
  })
})
