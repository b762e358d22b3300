import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { layer } from "../../src/adapters/simulated-payments.ts"
import { OrderId, PaymentId } from "../../src/domain/shared/Ids.ts"
import { GatewayUnavailable } from "../../src/ports/errors.ts"
import { PaymentGateway } from "../../src/ports/PaymentGateway.ts"

const payment = PaymentId.make("0190a000-0000-7000-8000-000000000001")
const another = PaymentId.make("0190a000-0000-7000-8000-000000000002")

const accepts = (method: string) => PaymentGateway.useSync((gateway) => gateway.accepts(method))
const charge = (paymentMethod: string, paymentId = payment) =>
  PaymentGateway.use((gateway) =>
    gateway.charge({
      paymentId,
      orderId: OrderId.make("0190a000-0000-7000-8000-000000000009"),
      amount: { amount: 1999, currency: "USD" },
      paymentMethod
    })
  )

const normal = ["sim_approve", "sim_decline"]
const faulty = ["sim_cancel", "sim_timeout"]

describe("the simulated gateway", () => {
  it.effect.prop(
    "takes sim_approve and sim_decline and nothing else",
    [Schema.String.check(Schema.isMaxLength(20))],
    ([method]) =>
      Effect.gen(function* () {
        for (const known of normal) assert.isTrue(yield* accepts(known))
        for (const other of [method, ...faulty, "", "SIM_APPROVE", "toString"]) {
          assert.strictEqual(yield* accepts(other), normal.includes(other), other)
        }
      }).pipe(Effect.provide(layer()))
  )

  it.effect.prop(
    "answers by method, and the same after a crash",
    [PaymentId, Schema.Literals(["sim_approve", "sim_decline"])],
    ([id, method]) =>
      Effect.gen(function* () {
        const ask = Effect.all([charge(method, id), charge(method, id)])
        const before = yield* Effect.provide(ask, layer())
        const after = yield* Effect.provide(ask, layer())
        const outcome = method === "sim_approve" ? "APPROVED" : "DECLINED"
        assert.deepStrictEqual([...before, ...after], [outcome, outcome, outcome, outcome])
      })
  )

  it.effect.each(["sim_cancel", "sim_timeout", "visa"])("has no answer for %s: that is a bug", (method) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(charge(method))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    }).pipe(Effect.provide(layer()))
  )

  it.effect("takes as long as it is told", () =>
    Effect.gen(function* () {
      const answer = yield* Effect.forkScoped(charge("sim_approve"))
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(answer.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      assert.strictEqual(yield* Fiber.join(answer), "APPROVED")
    }).pipe(Effect.provide(layer({ delay: "5 seconds" })))
  )
})

describe("the simulated gateway with faults", () => {
  it.effect("takes the faulty methods too, and still no other", () =>
    Effect.gen(function* () {
      for (const known of [...normal, ...faulty]) assert.isTrue(yield* accepts(known))
      assert.isFalse(yield* accepts("visa"))
      assert.strictEqual(yield* charge("sim_approve"), "APPROVED")
      assert.strictEqual(yield* charge("sim_decline"), "DECLINED")
    }).pipe(Effect.provide(layer({ faults: true })))
  )

  it.effect("cancels sim_cancel, each time", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* charge("sim_cancel"), "CANCELLED")
      assert.strictEqual(yield* charge("sim_cancel"), "CANCELLED")
    }).pipe(Effect.provide(layer({ faults: true })))
  )

  it.effect("loses its first answer for each payment by sim_timeout, and has charged all the same", () =>
    Effect.gen(function* () {
      assert.instanceOf(yield* Effect.flip(charge("sim_timeout")), GatewayUnavailable)
      assert.strictEqual(yield* charge("sim_timeout"), "APPROVED")
      assert.strictEqual(yield* charge("sim_timeout"), "APPROVED")
      assert.instanceOf(yield* Effect.flip(charge("sim_timeout", another)), GatewayUnavailable)
      assert.strictEqual(yield* charge("sim_timeout", another), "APPROVED")
    }).pipe(Effect.provide(layer({ faults: true })))
  )

  it.effect("has charged by sim_timeout even if nobody waited for the answer", () =>
    Effect.gen(function* () {
      const abandoned = yield* Effect.forkScoped(charge("sim_timeout"))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(abandoned)
      const again = yield* Effect.forkScoped(charge("sim_timeout"))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* Fiber.join(again), "APPROVED")
    }).pipe(Effect.provide(layer({ faults: true, delay: "5 seconds" })))
  )
})
