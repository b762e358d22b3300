import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Logger, References } from "effect"
import { TestClock } from "effect/testing"
import { layer as memory } from "../../src/adapters/memory/index.ts"
import * as SimulatedPayments from "../../src/adapters/simulated-payments.ts"
import { PaymentNotFound } from "../../src/domain/payments/Payment.ts"
import { GatewayUnavailable, StoreUnavailable } from "../../src/ports/errors.ts"
import { PaymentGateway } from "../../src/ports/PaymentGateway.ts"
import { PaymentStore } from "../../src/ports/PaymentStore.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { layerNoGateway } from "../../src/services/NoGateway.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"
import { newProduct, orderOf } from "../support/host.ts"

/** A store that loses a payment while the gateway is asked, as an asynchronous failover does. */
const forgetful = Layer.effect(
  PaymentStore,
  Effect.map(PaymentStore, (store) => ({
    ...store,
    settle: (paymentId: PaymentNotFound["paymentId"]) => Effect.fail(new PaymentNotFound({ paymentId }))
  }))
)

const services = Layer.mergeAll(Catalog.layer, Orders.layer, Payments.layer()).pipe(
  Layer.provide([SimulatedPayments.layer(), forgetful]),
  Layer.provide(memory)
)

describe("a payment", () => {
  it.effect("that the store has lost while the gateway answered is an unknown outcome, not a bug", () =>
    Effect.gen(function* () {
      const product = yield* newProduct(1)
      const order = yield* (yield* Orders).place(orderOf(product.id))
      const failure = yield* Effect.flip(
        (yield* Payments).pay({ orderId: order.id, paymentMethod: "sim_approve" })
      )
      assert.instanceOf(failure, StoreUnavailable)
      assert.deepInclude(failure, { outcome: "unknown" })
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(services))
  )
})

/** A gateway that accepts methods with a prefix. It answers nothing to its first charge. */
const gatewayOf = (prefix: string, asked: Array<string>) =>
  Layer.succeed(PaymentGateway, {
    accepts: (paymentMethod) => paymentMethod.startsWith(prefix),
    charge: ({ paymentId, paymentMethod }) => {
      asked.push(paymentMethod)
      const isFirst = asked.length === 1
      return isFirst ? new GatewayUnavailable({ cause: paymentId }) : Effect.succeed("APPROVED")
    }
  })

const logged = (lines: Array<unknown>) =>
  Logger.layer([Logger.make(({ message, logLevel }) => void lines.push(logLevel, message))])

describe("without a gateway", () => {
  const paymentsWith = (gateway: Layer.Layer<PaymentGateway>) =>
    Effect.map(
      Layer.build(Layer.provide(Layer.fresh(Payments.layer({ timeout: "1 second" })), gateway)),
      Context.get(Payments)
    )

  it.effect("a payment is refused, and the refusal says why", () =>
    Effect.gen(function* () {
      const { pay, list } = yield* paymentsWith(layerNoGateway)
      const { id: orderId } = yield* (yield* Orders).place(orderOf((yield* newProduct(1)).id))
      const refusal = yield* Effect.flip(pay({ orderId, paymentMethod: "sim_approve" }))
      assert.strictEqual(refusal._tag, "InvalidInput")
      assert.match(refusal.message, /no payment gateway/)
      assert.deepStrictEqual(yield* list(orderId), [])
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.mergeAll(Catalog.layer, Orders.layer).pipe(Layer.provideMerge(memory)))
    )
  )

  it.effect("pending payments are left to the process whose gateway accepts them, and no bug is logged", () =>
    Effect.gen(function* () {
      const lines: Array<unknown> = []
      const [cards, cash]: [Array<string>, Array<string>] = [[], []]
      const own = yield* paymentsWith(gatewayOf("card", cards))
      const others = [yield* paymentsWith(layerNoGateway), yield* paymentsWith(gatewayOf("cash", cash))]
      const { id: orderId } = yield* (yield* Orders).place(orderOf((yield* newProduct(1)).id))
      assert.strictEqual((yield* own.pay({ orderId, paymentMethod: "card_1" })).status, "PENDING")
      yield* TestClock.adjust("1 minute")
      for (const { recover } of others)
        assert.deepStrictEqual(yield* Effect.provide(recover, logged(lines)), [])
      assert.deepStrictEqual([lines, cash], [[], []])
      const [recovered] = yield* own.recover
      assert.strictEqual(recovered?.status, "APPROVED")
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.mergeAll(Catalog.layer, Orders.layer).pipe(Layer.provideMerge(memory)))
    )
  )
})
