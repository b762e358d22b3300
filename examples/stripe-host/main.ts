import { once } from "node:events"
import { serve } from "@hono/node-server"
import { FakeStripe } from "./fake-stripe.ts"
import { openHost } from "./host.ts"

const stripe = await new FakeStripe().start()
const { commerce, app } = await openHost({
  stripe: stripe.settings,
  database: { embedded: "memory" },
  capture: "later",
  // The fake shares this process with a database, which may be slow on a busy machine.
  timeout: 20_000
})
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 })
await once(server, "listening")
const address = server.address()
stripe.webhookUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}/stripe/webhooks`

const { catalog, orders, payments } = commerce
const { id: categoryId } = await catalog.createCategory({ name: "Books" })
const price = { amount: 2500, currency: "EUR" }
const { id: productId } = await catalog.createProduct({ categoryId, name: "Atlas", price, stock: 10 })
const buy = async (quantity: number) =>
  (await orders.place({ customerId: "ada", items: [{ productId, quantity }] })).id
const say = async (what: string, orderId: string) => {
  const { status } = await orders.get(orderId)
  const { captured, refunded } = await payments.refundable(orderId)
  console.log(`${what}: ${status}, charged ${captured.amount}, refunded ${refunded.amount}`)
}

const order = await buy(2)
const held = await payments.pay({ orderId: order, paymentMethod: "pm_card_visa" })
await say(held.status, order)
await orders.cancel(order, { items: [{ productId, quantity: 1 }] })
await payments.capture(order)
await say("captured without one of two", order)
const { reference } = await payments.refund(order, {
  amount: { amount: 500, currency: "EUR" },
  reason: "a scratch"
})
await say("refunded", order)
stripe.failRefund(reference ?? "")
await stripe.quiet()
await say("the refund came back", order)

const checked = await buy(1)
const waiting = await payments.pay({ orderId: checked, paymentMethod: "pm_card_threeDSecure2Required" })
await say(
  `${waiting.status}, the customer goes to ${new URL(waiting.nextAction?.kind === "redirect" ? waiting.nextAction.url : "").host}`,
  checked
)
stripe.authenticate(stripe.intentOf(checked).id, true)
await stripe.quiet()
await say((await payments.list(checked))[0]?.status ?? "", checked)
await payments.capture(checked)
await say("captured", checked)

const again = await buy(1)
const declined = await payments.pay({ orderId: again, paymentMethod: "pm_card_chargeDeclined" })
await say(declined.status, again)
stripe.fail("confirm", "lost")
const lost = await payments.pay({ orderId: again, paymentMethod: "pm_card_visa" })
await say(`${lost.status}, though the answer was lost`, again)

stripe.dispute(stripe.intentOf(checked).id, 2500)
await stripe.quiet()
await say("disputed", checked)
console.log(`the books are right: ${(await commerce.verify()).ok}`)

server.close()
await commerce.close()
await stripe.stop()
