import { Context, type Duration, Effect, Fiber, Layer, Option, Schema, Scope } from "effect"
import { OrderId, PaymentId } from "../domain/Id.ts"
import { type Answer, fingerprint, fresh, type IdempotencyKeyReused, valueOf } from "../domain/Idempotency.ts"
import { fault, type InvalidInput } from "../domain/InvalidInput.ts"
import type { OrderNotFound } from "../domain/Order.ts"
import {
  type OrderNotPayable,
  type Payment,
  type PaymentInProgress,
  PaymentMethod
} from "../domain/Payment.ts"
import { PaymentGateway } from "../ports/PaymentGateway.ts"
import { PaymentStore } from "../ports/PaymentStore.ts"
import type { StoreUnavailable } from "../ports/Unavailable.ts"
import { actor, once, reader } from "./Input.ts"
import { newIds, now } from "./Stamp.ts"

const PayOrder = Schema.Struct({ orderId: OrderId, paymentMethod: PaymentMethod, ...once })

/** A payment may not be made inside the caller's transaction: its rollback would forget a real charge. */
export class TransactionOpen extends Schema.TaggedError<TransactionOpen>()("TransactionOpen", {}) {
  override get message() {
    return "A payment cannot be made inside a transaction: its rollback would forget a real charge"
  }
}

type Pay<A> = (
  input: typeof PayOrder.Encoded
) => Effect.Effect<
  A,
  | InvalidInput
  | TransactionOpen
  | OrderNotFound
  | OrderNotPayable
  | PaymentInProgress
  | IdempotencyKeyReused
  | StoreUnavailable
>

export class Payments extends Context.Service<
  Payments,
  {
    /**
     * Charges an order. A decline is an answer, not an error: the order is then `FAILED` and its stock given back.
     * `PENDING`: the gateway has not answered in time; `CANCELLED`: it did not charge, the order is still payable.
     */
    readonly pay: Pay<Payment>
    /** The same, and says whether the answer was given before; a replayed payment is answered as it is now. */
    readonly payOrReplay: Pay<Answer<Payment>>
    /** All payments of an order, oldest first. */
    readonly list: (orderId: string) => Effect.Effect<ReadonlyArray<Payment>, InvalidInput | StoreUnavailable>
  }
>()("effect-commerce/services/Payments") {
  /** `gatewayTimeout`: how long the gateway may take before a payment is left `PENDING`; 10 seconds if absent. */
  static readonly layer = (settings: { readonly gatewayTimeout?: Duration.Input | undefined } = {}) =>
    Layer.effect(Payments, make(settings.gatewayTimeout ?? "10 seconds"))
}

const readPayOrder = reader(PayOrder)
const readOrderId = reader(OrderId)

const make = Effect.fnUntraced(function* (gatewayTimeout: Duration.Input) {
  const store = yield* PaymentStore
  const gateway = yield* PaymentGateway
  const newId = yield* newIds
  const scope = yield* Scope.Scope

  /** Asks the gateway and records what it says. Without an answer the payment stays as it is. */
  const charge = Effect.fnUntraced(function* (payment: Payment, by: string) {
    const outcome = yield* gateway
      .charge({
        paymentId: payment.id,
        orderId: payment.orderId,
        amount: payment.amount,
        paymentMethod: payment.paymentMethod
      })
      .pipe(
        Effect.timeoutOption(gatewayTimeout),
        Effect.catchTag("GatewayUnavailable", (error) =>
          Effect.as(
            Effect.logWarning("The payment gateway did not answer", error.cause).pipe(
              Effect.annotateLogs({ paymentId: payment.id })
            ),
            Option.none()
          )
        )
      )
    return Option.isSome(outcome)
      ? yield* store.settle(payment.id, outcome.value, { at: yield* now, by })
      : payment
  })

  const begin = Effect.fnUntraced(function* (input: typeof PayOrder.Encoded) {
    const { by, idempotencyKey: key, ...request } = yield* readPayOrder(input)
    if (!gateway.accepts(request.paymentMethod)) {
      return yield* fault("/paymentMethod", "Expected a payment method that the gateway takes")
    }
    if (yield* store.inTransaction) return yield* new TransactionOpen()
    const actingBy = actor({ by })
    const begun = yield* store.begin(
      { ...request, id: yield* newId(PaymentId), at: yield* now, by: actingBy },
      key === undefined
        ? undefined
        : { scope: actingBy, operation: "pay order", key, fingerprint: fingerprint(request) }
    )
    return { begun, by: actingBy }
  })

  /** From the pending payment on, the work runs to its end in the service's scope, whatever the caller does. */
  const payOrReplay: Pay<Answer<Payment>> = (input) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const { begun, by } = yield* begin(input)
        if (begun.replayed) return begun
        const charging = yield* Effect.forkIn(charge(begun.value, by), scope)
        return fresh(yield* restore(Fiber.join(charging)))
      })
    )

  const list = (input: string) => Effect.flatMap(readOrderId(input), store.list)

  return Payments.of({
    pay: (input) => Effect.map(payOrReplay(input), valueOf),
    payOrReplay,
    list
  })
})
