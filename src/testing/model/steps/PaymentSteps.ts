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
    "sim_decline",
    "sim_cancel",
    "sim_timeout",
    "sim_silent",
    "none"
  ],
  ["cheque", " "]
)
const outcome = pick(Outcome.literals)

export const paymentSteps = {
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
