import type { Money } from "effect-commerce"
import type { GatewayAnswer, HostGateway, OperationAnswer } from "effect-commerce/promise"
import Stripe from "stripe"

/** How many digits more Stripe counts in these currencies than ISO 4217 does: docs.stripe.com/currencies. */
const digits: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: -2 }

const shift = (amount: number, places: number) =>
  places < 0 ? amount / 10 ** -places : amount * 10 ** places

export const toStripe = ({ amount, currency }: Money) => ({
  amount: shift(amount, digits[currency] ?? 0),
  currency: currency.toLowerCase()
})

export const fromStripe = (amount: number, code: string) => {
  const currency = code.toUpperCase()
  return { amount: shift(amount, -(digits[currency] ?? 0)), currency }
}

/** Stripe has refused and done nothing. A repeated call is refused as well, or replays what an earlier call has done. */
const isRefusal = (error: unknown): error is Stripe.errors.StripeError =>
  error instanceof Stripe.errors.StripeError &&
  !(error instanceof Stripe.errors.StripeIdempotencyError) &&
  [400, 402, 404].includes(error.statusCode ?? 0)

/**
 * The idempotency key is spent on an error: for a day Stripe repeats it, a 500 too, and does nothing more. Any other 500, a 409, a 429 and a
 * lost connection leave the outcome open.
 */
const isSpent = (error: unknown) =>
  isRefusal(error) ||
  (error instanceof Stripe.errors.StripeError && error.headers?.["idempotent-replayed"] === "true")

/** How long a customer may take to authenticate, in seconds. The order waits for so long. */
const authenticationTime = 3600

/** What is cancelled, because its client secret could pay it later with another card: a declined intent, or one that its customer left. */
const isGivenUp = ({ status, created }: Stripe.PaymentIntent) =>
  status === "requires_payment_method" ||
  (status === "requires_action" && created + authenticationTime < Date.now() / 1000)

/** Returns what an intent has come to, or undefined while Stripe does not know it either. */
export const answerOf = async (
  stripe: Stripe,
  found: Stripe.PaymentIntent
): Promise<GatewayAnswer | undefined> => {
  const reference = found.id
  const intent = isGivenUp(found)
    ? await stripe.paymentIntents.cancel(
        reference,
        { cancellation_reason: "abandoned" },
        { idempotencyKey: `${reference}/abandon` }
      )
    : found
  switch (intent.status) {
    case "succeeded":
      return { outcome: "APPROVED", reference }
    case "requires_capture":
      return { outcome: "AUTHORIZED", reference }
    case "canceled":
      // An intent is given up after a decline only. Any other one was voided or has expired, and its order can be paid again.
      return { outcome: intent.cancellation_reason === "abandoned" ? "DECLINED" : "CANCELLED", reference }
    case "requires_action": {
      const url = intent.next_action?.redirect_to_url?.url
      const clientSecret = intent.client_secret ?? ""
      const nextAction = url
        ? ({ kind: "redirect", url } as const)
        : ({ kind: "confirm", clientSecret } as const)
      return { outcome: "PENDING", nextAction, reference }
    }
    default:
      return undefined
  }
}

/** A refund that is pending counts as done, since Stripe carries it out by itself. If that fails later, a webhook says so. */
export const refundAnswer = ({ id, status }: Stripe.Refund): OperationAnswer => ({
  outcome: status === "failed" || status === "canceled" ? "DECLINED" : "APPROVED",
  reference: id
})

/** Charges by payment intents. Customers come back to `returnUrl` from the page of their bank. */
export const stripeGateway = (stripe: Stripe, returnUrl: string): HostGateway => {
  const { paymentIntents, refunds } = stripe

  /** An error of Stripe says little about what it did: the intent knows. */
  const stateAfter = async (id: string, call: Promise<Stripe.PaymentIntent>) => {
    const error = await call.then(
      () => undefined,
      (error: unknown) => error
    )
    return { intent: await paymentIntents.retrieve(id), error }
  }

  const charge: HostGateway["charge"] = async (
    { paymentId, orderId, amount, paymentMethod, capture },
    signal
  ) => {
    // An intent moves no money before it is confirmed. The same key returns the same intent.
    const created = await paymentIntents
      .create(
        {
          ...toStripe(amount),
          payment_method: paymentMethod,
          capture_method: capture === "later" ? "manual" : "automatic",
          metadata: { payment_id: paymentId, order_id: orderId }
        },
        { idempotencyKey: paymentId }
      )
      .catch((error: unknown) => {
        if (isSpent(error)) return undefined
        throw error
      })
    // No call with this key has an intent, so nothing was or will be charged. The customer can try another card.
    if (created === undefined) return "CANCELLED"
    signal.throwIfAborted()

    const { id } = created
    const confirmed = await stateAfter(
      id,
      paymentIntents.confirm(id, { return_url: returnUrl }, { idempotencyKey: `${paymentId}/confirm` })
    )
    // The key is spent, so this intent will never charge. A cancelled one cannot, even if Stripe tidies up later.
    const intent =
      confirmed.intent.status === "requires_confirmation" && isSpent(confirmed.error)
        ? await paymentIntents.cancel(id)
        : confirmed.intent
    const answer = await answerOf(stripe, intent)
    if (answer === undefined) throw confirmed.error ?? new Error(`${id} is ${intent.status}`)
    return answer
  }

  /** A hold ends once, whichever call ends it, so its status is the outcome. */
  const endHold = async (kind: "capture" | "void", id: string, amount: Money, idempotencyKey: string) => {
    const { intent, error } = await stateAfter(
      id,
      kind === "capture"
        ? paymentIntents.capture(id, { amount_to_capture: toStripe(amount).amount }, { idempotencyKey })
        : paymentIntents.cancel(id, {}, { idempotencyKey })
    )
    if (intent.status === "succeeded") return kind === "capture" ? "APPROVED" : "DECLINED"
    // The bank releases a hold after some days: then a capture comes too late.
    if (intent.status === "canceled") return kind === "void" ? "APPROVED" : "DECLINED"
    // The hold is still there: a new capture or void can be asked for.
    if (isSpent(error)) return "CANCELLED"
    throw error ?? new Error(`${id} is ${intent.status}`)
  }

  const refund = async (id: string, orderId: string, amount: Money, operationId: string) => {
    try {
      const metadata = { operation_id: operationId, order_id: orderId }
      return refundAnswer(
        await refunds.create(
          { payment_intent: id, amount: toStripe(amount).amount, metadata },
          { idempotencyKey: operationId }
        )
      )
    } catch (error) {
      if (isRefusal(error)) return "DECLINED"
      // A spent key repeats its 500, even if the refund was made. Nothing prevents a second refund, so without it a person has to decide.
      const { data } = await refunds.list({ payment_intent: id, limit: 100 })
      const made = data.find(({ metadata }) => metadata?.operation_id === operationId)
      if (made === undefined) throw error
      return refundAnswer(made)
    }
  }

  return {
    accepts: (paymentMethod) => paymentMethod.startsWith("pm_"),
    charge,
    operate: async ({ kind, operationId, orderId, amount, reference }) => {
      if (reference === undefined) throw new Error("Stripe did not make this charge")
      return kind === "refund"
        ? refund(reference, orderId, amount, operationId)
        : endHold(kind, reference, amount, operationId)
    }
  }
}
