import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, References } from "effect"
import { layer as memory } from "../../src/adapters/memory/index.ts"
import * as SimulatedPayments from "../../src/adapters/simulated-payments.ts"
import { PaymentNotFound } from "../../src/domain/payments/Payment.ts"
import { StoreUnavailable } from "../../src/ports/errors.ts"
import { PaymentStore } from "../../src/ports/PaymentStore.ts"
import { Catalog } from "../../src/services/Catalog.ts"
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
