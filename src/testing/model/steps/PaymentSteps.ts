import { Arbitrary, Effect } from "effect"
import { Outcome } from "../../../domain/payments/Payment.ts"
import { Payments } from "../../../services/Payments.ts"
import { pick } from "../../Generators.ts"
import { find, learn } from "../World.ts"
import { actor, key, mostly, step, storedIfKeyed, which } from "./Step.ts"

const paymentMethod = mostly(
  [
    "sim_approve",
    "sim_approve",
    "sim_approve",
    "sim_hold",
    "sim_hold",
    "sim_decline",
    "sim_cancel",
    "sim_timeout",
    "sim_silent",
    "none"
  ],
  ["cheque", " "]
)
const outcome = pick(Outcome.literals)

const amount = mostly<number | undefined, number>([undefined, undefined, 1, 2, 3, 250, 1000, 5000], [0, -1])
const money = (amount: number) => ({ amount, currency: "EUR" })

/** Moves money of an order, and learns the id of the operation. */
const operating = (method: "captureOrReplay" | "voidOrReplay") =>
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

export const paymentSteps = {
  capture: operating("captureOrReplay"),

  void: operating("voidOrReplay"),

  refund: step(
    Arbitrary.all({ order: which, amount, key, actor }),
    ({ order, amount, key: idempotencyKey, actor }, world) => {
      const options = { actor, idempotencyKey, ...(amount !== undefined && { amount: money(amount) }) }
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

  "record operation": step(
    Arbitrary.all({ order: which, kind: pick(["refund", "chargeback"]), amount, key, actor }),
    ({ order, kind, amount = 100, key: idempotencyKey, actor }, world) => {
      const input = { orderId: find(world, "order", order), kind, amount: money(amount) }
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
    Arbitrary.all({ operation: which, outcome, key, actor }),
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
  ),

  pay: step(
    Arbitrary.all({ order: which, paymentMethod, key, actor }),
    ({ order, key: idempotencyKey, actor, ...fields }, world) => {
      const input = { ...fields, orderId: find(world, "order", order) }
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

  "record outcome": step(
    Arbitrary.all({ payment: which, outcome, key, actor }),
    ({ payment, outcome, key: idempotencyKey, actor }, world) => {
      const input = { paymentId: find(world, "payment", payment), outcome }
      return storedIfKeyed(
        world,
        idempotencyKey,
        Payments.use((payments) => payments.recordOutcome(input, { actor, idempotencyKey }))
      )
    }
  ),

  "record charge": step(
    Arbitrary.all({ order: which, paymentMethod, outcome, key, actor }),
    ({ order, key: idempotencyKey, actor, ...fields }, world) => {
      const input = { ...fields, orderId: find(world, "order", order) }
      return storedIfKeyed(
        world,
        idempotencyKey,
        Effect.tap(
          Payments.use((payments) => payments.record(input, { actor, idempotencyKey })),
          ({ id }) => Effect.sync(() => learn(world, "payment", id))
        )
      )
    }
  ),

  "recover payments": step(Arbitrary.all({}), () => Payments.use(({ recover }) => recover)),

  "list payments": step(Arbitrary.all({ order: which }), ({ order }, world) =>
    Payments.use((payments) => payments.list(find(world, "order", order)))
  )
}
