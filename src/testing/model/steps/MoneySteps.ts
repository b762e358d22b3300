/** What moves money before and after a charge: authorizations, captures, voids, refunds, chargebacks. */
import { Arbitrary, Effect } from "effect"
import { Outcome } from "../../../domain/payments/Payment.ts"
import { Orders } from "../../../services/Orders.ts"
import { Payments } from "../../../services/Payments.ts"
import { pick } from "../../Generators.ts"
import { find, learn } from "../World.ts"
import { actor, key, mostly, step, storedIfKeyed, which } from "./Step.ts"

const amount = mostly<number | undefined, number>(
  [undefined, undefined, undefined, 1, 3, 7, 100, 250, 250, 1000, 5000],
  [0, -1]
)
const inEuros = (amount: number) => ({ amount, currency: "EUR" })

const endAuthorization = (method: "captureOrReplay" | "voidOrReplay") =>
  step(Arbitrary.all({ order: which, key, actor }), ({ order, key: idempotencyKey, actor }, world) =>
    storedIfKeyed(
      world,
      idempotencyKey,
      Effect.tap(
        Payments.use((payments) => payments[method](find(world, "order", order), { actor, idempotencyKey })),
        ({ value: { id } }) => Effect.sync(() => learn(world, "operation", id))
      )
    )
  )

export const moneySteps = {
  authorize: step(
    Arbitrary.all({ order: which, key, actor }),
    ({ order, key: idempotencyKey, actor }, world) => {
      const input = { orderId: find(world, "order", order), paymentMethod: "sim_hold" }
      return storedIfKeyed(
        world,
        idempotencyKey,
        Effect.tap(
          Payments.use((payments) => payments.payOrReplay(input, { actor, idempotencyKey })),
          ({ value: { id } }) => Effect.sync(() => learn(world, "payment", id))
        )
      )
    }
  ),

  capture: endAuthorization("captureOrReplay"),

  void: endAuthorization("voidOrReplay"),

  refund: step(
    Arbitrary.all({ order: which, amount, key, actor }),
    ({ order, amount, key: idempotencyKey, actor }, world) => {
      const options = { actor, idempotencyKey, ...(amount !== undefined && { amount: inEuros(amount) }) }
      return storedIfKeyed(
        world,
        idempotencyKey,
        Effect.tap(
          Payments.use((payments) => payments.refundOrReplay(find(world, "order", order), options)),
          ({ value: { id } }) => Effect.sync(() => learn(world, "operation", id))
        )
      )
    }
  ),

  "cancel and refund": step(
    Arbitrary.all({ order: which, key, actor }),
    ({ order, key: idempotencyKey, actor }, world) =>
      storedIfKeyed(
        world,
        idempotencyKey,
        Orders.use((orders) =>
          orders.cancel(find(world, "order", order), { refund: true, actor, idempotencyKey })
        )
      )
  ),

  "record operation": step(
    Arbitrary.all({ order: which, kind: pick(["refund", "chargeback"]), amount, key, actor }),
    ({ order, kind, amount = 100, key: idempotencyKey, actor }, world) => {
      const input = { orderId: find(world, "order", order), kind, amount: inEuros(amount) }
      return storedIfKeyed(
        world,
        idempotencyKey,
        Effect.tap(
          Payments.use((payments) => payments.recordOperation(input, { actor, idempotencyKey })),
          ({ id }) => Effect.sync(() => learn(world, "operation", id))
        )
      )
    }
  ),

  "record outcome of operation": step(
    Arbitrary.all({ operation: which, outcome: pick(Outcome.literals), key, actor }),
    ({ operation, outcome, key: idempotencyKey, actor }, world) => {
      const input = { paymentId: find(world, "operation", operation), outcome }
      return storedIfKeyed(
        world,
        idempotencyKey,
        Payments.use((payments) => payments.recordOutcome(input, { actor, idempotencyKey }))
      )
    }
  ),

  "see money": step(Arbitrary.all({ order: which }), ({ order }, world) =>
    Payments.use((payments) => payments.refundable(find(world, "order", order)))
  )
}
