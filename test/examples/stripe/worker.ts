/** A host that starts many payments and operations at once, and is killed while Stripe has not answered. */
import { openHost } from "../../../examples/stripe-host/host.ts"

type Work = readonly ["pay" | "capture" | "void" | "refund", string]

const [settings, work] = process.argv.slice(2).map((arg) => JSON.parse(arg))
const {
  commerce: { payments }
} = await openHost(settings)
const begin = ([kind, orderId]: Work) => {
  switch (kind) {
    case "pay":
      return payments.pay({ orderId, paymentMethod: "pm_card_visa" })
    case "refund":
      return payments.refund(orderId, { amount: { amount: 400, currency: "EUR" } })
    default:
      return payments[kind](orderId)
  }
}
await Promise.all((work as ReadonlyArray<Work>).map(begin))
