import { assert, describe } from "@effect/vitest"
import { Deferred, type Duration, Effect, Fiber } from "effect"
import type { Outcome } from "../../../src/domain/payments/Payment.ts"
import { GatewayUnavailable } from "../../../src/ports/errors.ts"
import {
  buy,
  endingOf,
  endings,
  openShop,
  product,
  race,
  type TestShop,
  tally,
  unitsOf
} from "../../race/support.ts"
import { bank } from "../Bank.ts"

const soon = "50 millis"

/** A shop whose payments go to a bank of the test's, and an order of one unit there. */
const shopWith = Effect.fnUntraced(function* (
  shop: TestShop,
  outcome: Outcome = "APPROVED",
  gatewayTimeout: Duration.Input = soon
) {
  const own = bank(outcome)
  const customer = yield* openShop(shop.url, { gateway: own.gateway, gatewayTimeout })
  const item = yield* product(shop, 1)
  const { id: orderId } = yield* buy(shop, item)
  return {
    bank: own,
    payments: customer.payments,
    orderId,
    pay: customer.payments.pay({ orderId, paymentMethod: "card" }),
    ending: endingOf(shop, orderId, item),
    recover: Effect.andThen(Effect.sleep("120 millis"), customer.payments.recover)
  }
})

describe("a payment gateway", () => {
  race(
    "that does not answer leaves the payment pending, and the order can be neither paid nor expired [P3]",
    (shop) =>
      Effect.gen(function* () {
        const { bank, pay, orderId, ending, recover } = yield* shopWith(shop)
        bank.does(() => Effect.never)
        assert.strictEqual((yield* pay).status, "PENDING")
        assert.deepStrictEqual(tally([yield* Effect.result(shop.orders.expire(orderId))]), {
          PaymentInProgress: 1
        })
        assert.deepStrictEqual(tally([yield* Effect.result(pay)]), { PaymentInProgress: 1 })
        assert.strictEqual(yield* shop.orders.expireUnpaid("0 millis"), 0)
        assert.lengthOf(yield* recover, 0)
        assert.deepStrictEqual(yield* ending, endings.pending)
        bank.does((answer) => answer)
        assert.lengthOf(yield* recover, 1)
        assert.deepStrictEqual(yield* ending, endings.paid)
        assert.strictEqual(bank.charged(), 1)
      })
  )

  race("that cannot even be interrupted is not waited for [P6]", (shop) =>
    Effect.gen(function* () {
      const { bank, pay, ending, recover } = yield* shopWith(shop)
      bank.does(() => Effect.uninterruptible(Effect.never))
      assert.strictEqual((yield* pay).status, "PENDING")
      bank.does((answer) => answer)
      assert.lengthOf(yield* recover, 1)
      assert.deepStrictEqual(yield* ending, endings.paid)
    })
  )

  race("that does not answer, and then says that it did not charge, leaves the order payable [P7]", (shop) =>
    Effect.gen(function* () {
      const { bank, pay, ending, recover } = yield* shopWith(shop, "CANCELLED")
      bank.does(() => Effect.never)
      yield* pay
      bank.does((answer) => answer)
      yield* recover
      assert.deepStrictEqual(yield* ending, endings.cancelled)
      bank.says("APPROVED")
      assert.strictEqual((yield* pay).status, "APPROVED")
      assert.deepStrictEqual(yield* ending, { ...endings.paid, payments: ["CANCELLED", "APPROVED"] })
    })
  )

  race("that charges and fails leaves the payment pending, and is asked again [P3]", (shop) =>
    Effect.gen(function* () {
      const { bank, pay, ending, recover } = yield* shopWith(shop)
      bank.does((answer) => Effect.andThen(answer, new GatewayUnavailable({ cause: new Error("lost") })))
      assert.strictEqual((yield* pay).status, "PENDING")
      bank.does((answer) => answer)
      yield* recover
      assert.deepStrictEqual(yield* ending, endings.paid)
      assert.strictEqual(bank.charged(), 1)
    })
  )

  race("with a bug leaves the payment pending, and keeps no other from being recovered", (shop) =>
    Effect.gen(function* () {
      const { bank, pay, payments, ending, recover } = yield* shopWith(shop, "DECLINED")
      const other = yield* product(shop, 1)
      const { id: second } = yield* buy(shop, other)
      bank.does((answer) => Effect.andThen(answer, Effect.die(new Error("a bug"))))
      const first = yield* pay
      assert.strictEqual(first.status, "PENDING")
      yield* payments.pay({ orderId: second, paymentMethod: "card" })
      bank.does((answer, { orderId }) => (orderId === second ? answer : Effect.die(new Error("a bug"))))
      assert.deepStrictEqual(
        (yield* recover).map(({ orderId }) => orderId),
        [second]
      )
      assert.deepStrictEqual(yield* ending, endings.pending)
      assert.deepStrictEqual(yield* endingOf(shop, second, other), endings.declined)
      bank.does((answer) => answer)
      yield* recover
      assert.deepStrictEqual(yield* ending, endings.declined)
    })
  )

  race("that answers late is heard when it calls back, and once", (shop) =>
    Effect.gen(function* () {
      const { bank, pay, payments, ending, recover } = yield* shopWith(shop, "DECLINED")
      bank.does((answer) => Effect.delay(answer, "150 millis"))
      const { id: paymentId } = yield* pay
      const declined = yield* payments.recordOutcome({ paymentId, outcome: "DECLINED" })
      assert.strictEqual(declined.orderStatus, "FAILED")
      assert.deepStrictEqual(yield* payments.recordOutcome({ paymentId, outcome: "DECLINED" }), declined)
      assert.lengthOf(yield* recover, 0)
      assert.deepStrictEqual(yield* ending, endings.declined)
    })
  )

  race(
    "that declines and then says that it has charged is believed: the order stays as it is, and the charge is due back [P2]",
    (shop) =>
      Effect.gen(function* () {
        const { pay, payments, orderId, ending, recover } = yield* shopWith(shop, "DECLINED")
        const { id: paymentId } = yield* pay
        const charged = yield* payments.recordOutcome({ paymentId, outcome: "APPROVED" })
        assert.deepStrictEqual([charged.status, charged.orderStatus], ["APPROVED", "FAILED"])
        assert.deepStrictEqual(yield* payments.recordOutcome({ paymentId, outcome: "APPROVED" }), charged)
        const contrary = yield* Effect.result(payments.recordOutcome({ paymentId, outcome: "DECLINED" }))
        assert.deepStrictEqual(tally([contrary]), { PaymentSettled: 1 })
        assert.lengthOf(yield* recover, 0)
        assert.deepStrictEqual(yield* ending, endings.chargedLate)
        const { captured, due, refundable } = yield* payments.refundable(orderId)
        assert.deepStrictEqual([captured.amount, due.amount, refundable.amount], [1000, 1000, 1000])
      })
  )

  race("that answers and calls back at once is heard once [P3]", (shop) =>
    Effect.gen(function* () {
      const { bank, pay, payments, ending } = yield* shopWith(shop, "DECLINED", "10 seconds")
      bank.does((answer, { paymentId }) =>
        Effect.tap(answer, (outcome) => Effect.orDie(payments.recordOutcome({ paymentId, outcome })))
      )
      assert.deepInclude(yield* pay, { status: "DECLINED", orderStatus: "FAILED" })
      assert.deepStrictEqual(yield* ending, endings.declined)
    })
  )

  race("is heard even if the caller has gone away [P5]", (shop) =>
    Effect.gen(function* () {
      const { bank, pay, ending } = yield* shopWith(shop, "APPROVED", "10 seconds")
      const asked = yield* Deferred.make<void>()
      const answered = yield* Deferred.make<void>()
      bank.does((answer) =>
        Effect.andThen(
          Deferred.succeed(asked, undefined),
          Effect.andThen(Effect.sleep("20 millis"), answer)
        ).pipe(Effect.ensuring(Deferred.succeed(answered, undefined)))
      )
      const paying = yield* Effect.forkChild(pay)
      yield* Deferred.await(asked)
      yield* Fiber.interrupt(paying)
      yield* Deferred.await(answered)
      yield* Effect.repeat(Effect.andThen(Effect.sleep("5 millis"), ending), {
        while: ({ status }) => status === "CREATED"
      }).pipe(Effect.timeout("5 seconds"))
      assert.deepStrictEqual(yield* ending, endings.paid)
      assert.strictEqual(bank.charged(), 1)
    })
  )
})

describe("a payment inside the host's transaction", () => {
  race(
    "is refused, and so is recovering; what has been charged can be recorded, and is rolled back with it [P8]",
    (shop) =>
      Effect.gen(function* () {
        const item = yield* product(shop, 2)
        const [{ id: orderId }, { id: declined }] = [yield* buy(shop, item), yield* buy(shop, item)]
        const inside = shop.sql.withTransaction(
          Effect.gen(function* () {
            const pay = yield* Effect.result(shop.payments.pay({ orderId, paymentMethod: "sim_approve" }))
            const recover = yield* Effect.result(shop.payments.recover)
            assert.deepStrictEqual(tally<unknown, { readonly _tag: string }>([pay, recover]), {
              TransactionOpen: 2
            })
            yield* shop.payments.record({ orderId, paymentMethod: "cash", outcome: "APPROVED" })
            yield* shop.payments.record({ orderId: declined, paymentMethod: "cash", outcome: "DECLINED" })
            assert.strictEqual(yield* unitsOf(shop, item), 1)
            return yield* Effect.fail("roll back")
          })
        )
        yield* Effect.flip(inside)
        assert.strictEqual(yield* unitsOf(shop, item), 0)
        assert.strictEqual((yield* shop.orders.get(orderId)).status, "CREATED")
        assert.strictEqual(
          (yield* shop.payments.pay({ orderId, paymentMethod: "sim_approve" })).status,
          "APPROVED"
        )
      })
  )
})
