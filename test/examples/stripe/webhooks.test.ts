import { once } from "node:events"
import { setTimeout } from "node:timers/promises"
import { serve } from "@hono/node-server"
import Stripe from "stripe"
import { afterAll, assert, beforeAll, describe, it, vi } from "vitest"
import { fromStripe, toStripe } from "../../../examples/stripe-host/gateway.ts"
import { endLasting } from "../../support/lasting.ts"
import { cards, openShop, type Shop } from "./support.ts"

let shop: Shop

/** The host logs each event that it cannot record now. */
const log = vi.spyOn(console, "error")

beforeAll(async () => {
  log.mockImplementation(() => {})
  shop = await openShop("now")
})
afterAll(async () => {
  log.mockRestore()
  await shop.audit()
  await endLasting()
})

const pay = (orderId: string, paymentMethod: string = cards.good) =>
  shop.payments.pay({ orderId, paymentMethod })

const intentOf = (orderId: string) => shop.stripe.intentOf(orderId).id

/** Takes the events that Stripe has not delivered yet. */
const events = () => shop.stripe.undelivered.splice(0)

const deliverAll = async (bodies: ReadonlyArray<string>) => {
  for (const body of bodies) assert.strictEqual(await shop.deliver(body), 204)
}

const history = async (orderId: string) => (await shop.orders.history(orderId)).map(({ event }) => event)

describe("the webhooks of Stripe", { timeout: 300_000 }, () => {
  it("end a payment that the customer has to authenticate", async () => {
    const { id: orderId } = await shop.order()
    const payment = await pay(orderId, cards.secure)
    assert.deepInclude(payment, {
      status: "PENDING",
      nextAction: { kind: "redirect", url: `https://bank.example/3ds/${intentOf(orderId)}` }
    })
    const { create } = shop.stripe.requests
    while (shop.stripe.requests.create === create) {
      await setTimeout(100)
      await shop.payments.recover()
    }
    assert.deepStrictEqual((await shop.payments.list(orderId))[0], payment)
    shop.stripe.authenticate(intentOf(orderId), true)
    await deliverAll(events())
    assert.deepStrictEqual(await shop.paymentsOf(orderId), ["APPROVED"])
    await shop.agree(orderId)
  })

  it("end it as declined if the customer fails, and no other card can pay it then", async () => {
    const { id: orderId } = await shop.order()
    await pay(orderId, cards.secure)
    shop.stripe.authenticate(intentOf(orderId), false)
    await deliverAll(events())
    assert.deepStrictEqual(await shop.paymentsOf(orderId), ["DECLINED"])
    assert.strictEqual(shop.stripe.intentOf(orderId).status, "canceled")
    await deliverAll(events())
    await pay(orderId)
    assert.deepStrictEqual(await shop.paymentsOf(orderId), ["DECLINED", "APPROVED"])
    await shop.agree(orderId)
  })

  it("may be lost: recovery finds out", async () => {
    const { id: orderId } = await shop.order()
    await pay(orderId, cards.secure)
    shop.stripe.authenticate(intentOf(orderId), true)
    events()
    await shop.recover(orderId)
    assert.deepStrictEqual(await shop.paymentsOf(orderId), ["APPROVED"])
    await shop.agree(orderId)
  })

  it("do not come if the customer leaves: after an hour the order can be paid again", async () => {
    const { id: orderId } = await shop.order()
    await pay(orderId, cards.secure)
    shop.stripe.wait(intentOf(orderId), 3601)
    await shop.recover(orderId)
    assert.deepStrictEqual(await shop.paymentsOf(orderId), ["DECLINED"])
    assert.throws(() => shop.stripe.authenticate(intentOf(orderId), true))
    await deliverAll(events())
    await pay(orderId)
    await shop.agree(orderId)
  })

  it("may come before the answer, and twice", async () => {
    const server = serve({ fetch: shop.app.fetch, hostname: "127.0.0.1", port: 0 })
    await once(server, "listening")
    const address = server.address()
    shop.stripe.webhookUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}/stripe/webhooks`
    try {
      const { id: orderId } = await shop.order()
      shop.stripe.fail("confirm", "hang")
      shop.stripe.fail("retrieve", "stall")
      const paying = pay(orderId)
      // The webhook asks for the intent first, and is sent again because that answer does not come.
      while ((await shop.paymentsOf(orderId))[0] !== "APPROVED") await setTimeout(10)
      const paid = await shop.payments.list(orderId)
      assert.strictEqual((await paying).id, paid[0]?.id)
      await shop.recover(orderId)
      assert.deepStrictEqual(await history(orderId), ["placed", "paid"])
      await shop.agree(orderId)
      await shop.stripe.quiet()
    } finally {
      shop.stripe.webhookUrl = undefined
      server.close()
    }
  })

  it("may come twice and in any order: an order that has seen everything ends the same", async () => {
    const story = async () => {
      const { id: orderId } = await shop.order(3)
      await pay(orderId, cards.secure)
      shop.stripe.authenticate(intentOf(orderId), true)
      await shop.recover(orderId)
      const { reference } = await shop.payments.refund(orderId, { amount: { amount: 700, currency: "EUR" } })
      shop.stripe.failRefund(reference ?? "")
      shop.stripe.refundInDashboard(intentOf(orderId), 500)
      const failing = shop.stripe.refundInDashboard(intentOf(orderId), 300)
      shop.stripe.failRefund(failing)
      shop.stripe.dispute(intentOf(orderId), 600)
      shop.stripe.winDispute(shop.stripe.dispute(intentOf(orderId), 200))
      shop.stripe.dispute(intentOf(orderId), 900, "warning_needs_response")
      return { orderId, bodies: events() }
    }
    const orders = [
      (bodies: ReadonlyArray<string>) => bodies,
      (bodies: ReadonlyArray<string>) => bodies.flatMap((body) => [body, body]),
      (bodies: ReadonlyArray<string>) => bodies.toReversed(),
      (bodies: ReadonlyArray<string>) => [...bodies.toReversed(), ...bodies]
    ]
    for (const arrange of orders) {
      const { orderId, bodies } = await story()
      assert.isAtLeast(bodies.length, 10)
      await deliverAll(arrange(bodies))
      const { refundable } = await shop.payments.refundable(orderId)
      assert.strictEqual(refundable.amount, 3000 - 500 - 600)
      assert.sameMembers(await shop.operationsOf(orderId), [
        "refund DECLINED",
        "refund APPROVED",
        "refund DECLINED",
        "chargeback APPROVED",
        "chargeback DECLINED"
      ])
      await shop.agree(orderId)
    }
  })

  it("may come at once: each thing is recorded once", async () => {
    const { id: orderId } = await shop.order()
    await pay(orderId)
    shop.stripe.refundInDashboard(intentOf(orderId), 500)
    shop.stripe.dispute(intentOf(orderId), 100)
    const bodies = events()
    const statuses = await Promise.all([...bodies, ...bodies, ...bodies].map((body) => shop.deliver(body)))
    assert.deepStrictEqual(new Set(statuses), new Set([204]))
    assert.sameMembers(await shop.operationsOf(orderId), ["refund APPROVED", "chargeback APPROVED"])
    await shop.agree(orderId)
  })

  it("tell of a refund that is pending for days, and fails then", async () => {
    const { id: orderId } = await shop.order()
    await pay(orderId, cards.pendingRefund)
    const { status, reference } = await shop.payments.refund(orderId, {
      amount: { amount: 1000, currency: "EUR" }
    })
    assert.strictEqual(status, "APPROVED")
    await deliverAll(events())
    assert.strictEqual((await shop.payments.refundable(orderId)).refunded.amount, 1000)
    shop.stripe.failRefund(reference ?? "")
    await deliverAll(events())
    assert.strictEqual((await shop.payments.refundable(orderId)).refunded.amount, 0)
    await shop.agree(orderId)
  })

  it("are sent again if the host cannot ask Stripe just now", async () => {
    const { id: orderId } = await shop.order()
    await pay(orderId, cards.secure)
    shop.stripe.authenticate(intentOf(orderId), true)
    const bodies = events()
    shop.stripe.fail("retrieve", "503", bodies.length)
    for (const body of bodies) assert.strictEqual(await shop.deliver(body), 500)
    assert.deepStrictEqual(await shop.paymentsOf(orderId), ["PENDING"])
    await deliverAll(bodies)
    assert.deepStrictEqual(await shop.paymentsOf(orderId), ["APPROVED"])
  })

  it("of other programs on the same account are ignored", async () => {
    const stripe = new Stripe(shop.stripe.apiKey, shop.stripe.settings.api)
    await stripe.paymentIntents.create({ amount: 5, currency: "eur", payment_method: cards.good })
    await deliverAll(events())
  })

  it("are refused if they are forged, changed, or too old", async () => {
    const { id: orderId } = await shop.order()
    await pay(orderId, cards.secure)
    shop.stripe.authenticate(intentOf(orderId), true)
    const [body = "", ...others] = events().toReversed()
    const hourAgo = Math.floor(Date.now() / 1000) - 3600
    const forgeries = [
      [body, shop.stripe.sign(body, "whsec_guessed")],
      [body.replace("payment_intent.", "payment_intent_"), shop.stripe.sign(body)],
      [body, shop.stripe.sign(body, undefined, hourAgo)],
      [body, ""]
    ] as const
    for (const [forged, signature] of forgeries) {
      assert.strictEqual(await shop.deliver(forged, signature), 400)
    }
    assert.deepStrictEqual(await shop.paymentsOf(orderId), ["PENDING"])
    await deliverAll([body, ...others])
    assert.deepStrictEqual(await shop.paymentsOf(orderId), ["APPROVED"])
  })
})

describe("the gateway", () => {
  it("counts minor units as Stripe does", () => {
    const amounts = [
      [{ amount: 1050, currency: "EUR" }, 1050],
      [{ amount: 1050, currency: "JPY" }, 1050],
      [{ amount: 1050, currency: "KWD" }, 1050],
      [{ amount: 1050, currency: "ISK" }, 105_000],
      [{ amount: 1000, currency: "MGA" }, 10]
    ] as const
    for (const [money, amount] of amounts) {
      const sent = toStripe(money)
      assert.deepStrictEqual(sent, { amount, currency: money.currency.toLowerCase() })
      assert.deepStrictEqual(fromStripe(sent.amount, sent.currency), money)
    }
  })
})
