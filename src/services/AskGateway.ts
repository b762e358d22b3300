import { Cause, type Duration, Effect, Exit, Fiber, Option, Schema } from "effect"
import { GatewayAnswer, GatewayReference, Outcome, type Payment } from "../domain/payments/Payment.ts"
import type { OperationAnswer } from "../domain/payments/SettleOperation.ts"
import type { GatewayUnavailable } from "../ports/errors.ts"
import { type GatewayOperation, PaymentGateway } from "../ports/PaymentGateway.ts"

// A gateway may be written without types, so its answers are checked. Members that it has besides are not.
const decodeCharge = Schema.decodeUnknownEffect(Schema.Union([Outcome, GatewayAnswer]))
const decodeOperation = Schema.decodeUnknownEffect(
  Schema.Union([Outcome, Schema.Struct({ outcome: Outcome, reference: Schema.optional(GatewayReference) })])
)

const toAnswer = <A extends { readonly outcome: string }>(answer: Outcome | A): A | { outcome: Outcome } =>
  typeof answer === "string" ? { outcome: answer } : answer

/** Asks the gateway to charge payments and to move money later. A call returns none if no answer has come in time. */
export interface AskGateway {
  readonly charge: (payment: Payment, capture: "now" | "later") => Effect.Effect<Option.Option<GatewayAnswer>>
  /** Absent if the gateway cannot do it. */
  readonly operate:
    | ((operation: GatewayOperation) => Effect.Effect<Option.Option<OperationAnswer>>)
    | undefined
}

/**
 * Returns an answer if it comes in time. Does not wait for the interruption of a gateway that is slow to give up. A defect of the
 * gateway leaves the outcome unknown.
 */
const inTime = Effect.fnUntraced(function* <A>(
  ask: Effect.Effect<A, GatewayUnavailable>,
  patience: Duration.Duration
) {
  const asking = yield* Effect.forkDetach(ask, { startImmediately: true })
  const answer = yield* Fiber.await(asking).pipe(
    Effect.timeoutOption(patience),
    Effect.onExit(() => Effect.sync(() => asking.interruptUnsafe()))
  )
  if (Option.isNone(answer)) return Option.none<A>()
  if (Exit.isSuccess(answer.value)) return Option.some(answer.value.value)
  const { cause } = answer.value
  const unavailable = Cause.findErrorOption(cause)
  yield* Option.isSome(unavailable)
    ? Effect.logWarning("The payment gateway did not answer", unavailable.value.cause)
    : Effect.logError("The payment gateway failed because of a bug", cause)
  return Option.none<A>()
})

/** Returns the calls of the gateway, each with a timeout. */
export const askGateway = (patience: Duration.Duration) =>
  Effect.map(PaymentGateway, (gateway): AskGateway => {
    const operate = gateway.operate?.bind(gateway)
    return {
      charge: ({ id: paymentId, orderId, amount, paymentMethod }, capture) => {
        const charge = {
          paymentId,
          orderId,
          amount,
          paymentMethod,
          ...(capture === "later" && { capture })
        }
        const ask = Effect.flatMap(
          Effect.suspend(() => gateway.charge(charge)),
          (answer) => Effect.orDie(decodeCharge(answer))
        )
        return inTime(Effect.map(ask, toAnswer), patience).pipe(Effect.annotateLogs({ paymentId }))
      },
      operate:
        operate === undefined
          ? undefined
          : (operation) => {
              const ask = Effect.flatMap(
                Effect.suspend(() => operate(operation)),
                (answer) => Effect.orDie(decodeOperation(answer))
              )
              const { operationId } = operation
              return inTime(Effect.map(ask, toAnswer), patience).pipe(Effect.annotateLogs({ operationId }))
            }
    }
  })
