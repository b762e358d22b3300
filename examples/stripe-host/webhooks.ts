import type { Commerce } from "effect-commerce/promise"
import type Stripe from "stripe"
import { answerOf, fromStripe, refundAnswer } from "./gateway.ts"

type Named = string | { readonly id: string } | null

const idOf = (object: Named) => (typeof object === "string" ? object : object?.id)

/**
 * Returns a handler of webhooks. It rejects if the signature is wrong, and if an outcome cannot be recorded now: Stripe sends the event again.
 *
 * Events come late, twice and in any order. So an event only says which object has changed, and Stripe is asked for its present state.
 */
export const stripeWebhooks = (stripe: Stripe, secret: string, { payments }: Commerce) => {
  const actor = "stripe"

  /** The order that an intent pays, or undefined for intents of other programs. */
  const orderOf = async (intent: Named) => {
    const id = idOf(intent)
    return id === undefined ? undefined : (await stripe.paymentIntents.retrieve(id)).metadata.order_id
  }

  /** Records money that Stripe has moved without the shop, once. Its name there is the reason. */
  const recordOnce = async (
    orderId: string,
    kind: "refund" | "chargeback",
    { id, amount, currency }: { readonly id: string; readonly amount: number; readonly currency: string }
  ) => {
    const known = (await payments.operations(orderId)).find(({ reason }) => reason === id)
    if (known !== undefined) return known
    const moved = { orderId, kind, amount: fromStripe(amount, currency), reason: id }
    return payments.recordOperation(moved, { actor, idempotencyKey: id })
  }

  const recordIntent = async (id: string) => {
    const intent = await stripe.paymentIntents.retrieve(id)
    const paymentId = intent.metadata.payment_id
    if (paymentId === undefined) return
    const answer = await answerOf(stripe, intent)
    if (answer === undefined || answer.outcome === "PENDING") return
    await payments.recordOutcome({ paymentId, outcome: answer.outcome, reference: id }, { actor })
  }

  const recordRefund = async (id: string) => {
    const refund = await stripe.refunds.retrieve(id)
    const { outcome } = refundAnswer(refund)
    const operationId = refund.metadata?.operation_id
    if (operationId !== undefined) {
      await payments.recordOutcome({ paymentId: operationId, outcome, reference: id }, { actor })
      return
    }
    // A person has refunded in the dashboard.
    const orderId = await orderOf(refund.payment_intent)
    if (orderId === undefined) return
    const recorded = await recordOnce(orderId, "refund", refund)
    if (outcome === "DECLINED") await payments.recordOutcome({ paymentId: recorded.id, outcome }, { actor })
  }

  const recordDispute = async (id: string) => {
    const dispute = await stripe.disputes.retrieve(id)
    // An inquiry of the bank takes no money.
    if (dispute.status.startsWith("warning_")) return
    const orderId = await orderOf(dispute.payment_intent)
    if (orderId === undefined) return
    const recorded = await recordOnce(orderId, "chargeback", dispute)
    if (dispute.status === "won") {
      await payments.recordOutcome({ paymentId: recorded.id, outcome: "DECLINED" }, { actor })
    }
  }

  return async (body: string, signature: string) => {
    const { object } = stripe.webhooks.constructEvent(body, signature, secret).data
    if (object.object === "payment_intent") await recordIntent(object.id)
    if (object.object === "refund" && object.id !== undefined) await recordRefund(object.id)
    if (object.object === "dispute") await recordDispute(object.id)
  }
}
