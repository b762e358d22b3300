import { Cause, type Duration, Effect, Exit, Fiber, Option, Schema } from "effect"
import { Outcome, type Payment } from "../domain/payments/Payment.ts"
import { PaymentGateway } from "../ports/PaymentGateway.ts"

const decodeOutcome = Schema.decodeUnknownEffect(Outcome)

/** Checks the outcome, because a gateway may be written without types. */
const outcomeOf = (answer: unknown) => Effect.orDie(decodeOutcome(answer))

/**
 * Charges a payment, and returns its outcome if the gateway answers in time. Does not wait for the interruption of a gateway
 * that is slow to give up. A defect of the gateway leaves the outcome unknown.
 */
export const chargeWithTimeout = (patience: Duration.Duration) =>
  Effect.map(
    PaymentGateway,
    (gateway) =>
      ({ id: paymentId, orderId, amount, paymentMethod }: Payment): Effect.Effect<Option.Option<Outcome>> =>
        Effect.gen(function* () {
          const charge = Effect.suspend(() => gateway.charge({ paymentId, orderId, amount, paymentMethod }))
          const charging = yield* Effect.forkDetach(Effect.flatMap(charge, outcomeOf), {
            startImmediately: true
          })
          const answer = yield* Fiber.await(charging).pipe(
            Effect.timeoutOption(patience),
            Effect.onExit(() => Effect.sync(() => charging.interruptUnsafe()))
          )
          if (Option.isNone(answer)) return Option.none()
          if (Exit.isSuccess(answer.value)) return Option.some(answer.value.value)
          const { cause } = answer.value
          const unavailable = Cause.findErrorOption(cause)
          yield* Option.isSome(unavailable)
            ? Effect.logWarning("The payment gateway did not answer", unavailable.value.cause)
            : Effect.logError("The payment gateway failed because of a bug", cause)
          return Option.none()
        }).pipe(Effect.annotateLogs({ paymentId }))
  )
