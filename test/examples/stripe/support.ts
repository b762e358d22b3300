import { setTimeout } from "node:timers/promises"
import { Effect, Redacted } from "effect"
import { assert } from "vitest"
import { FakeStripe } from "../../../examples/stripe-host/fake-stripe.ts"
import { openHost } from "../../../examples/stripe-host/host.ts"
import { lasting } from "../../support/lasting.ts"
import { emptyDatabase } from "../../support/postgres.ts"

/** How long a request may take in these tests, in milliseconds. A host waits 4 times for a payment, and 8 times for an operation. */
export const timeout = 1000

export const cards = {
  good: "pm_card_visa",
  declined: "pm_card_chargeDeclined",
  secure: "pm_card_threeDSecure2Required",
  pendingRefund: "pm_card_pendingRefund"
} as const

const jwtSecret = "thirty-two bytes or more, of a test"

export const newDatabase = async () => Redacted.value(await lasting(emptyDatabase))

export const startStripe = () =>
  lasting(
    Effect.acquireRelease(
      Effect.promise(() => new FakeStripe().start()),
      (stripe) => Effect.promise(() => stripe.stop())
    )
  )

/** The settings of a host that recovers only when a test says so. */
export const settingsOf = (api: FakeStripe["settings"], url: string, capture: "now" | "later") => ({
  stripe: api,
  database: { url, pool: 5 },
  auth: { jwtSecret },
  maintenance: { every: "1 hour" } as const,
  logger: {},
  capture,
  timeout
})

/** A host with a database and a Stripe of its own. */
export const openShop = async (
  capture: "now" | "later",
  { stripe, url }: { stripe?: FakeStripe; url?: string } = {}
) => {
  const fake = stripe ?? (await startStripe())
  const settings = settingsOf(fake.settings, url ?? (await newDatabase()), capture)
  const { commerce, app } = await lasting(
    Effect.acquireRelease(
      Effect.promise(() => openHost(settings)),
      ({ commerce }) => Effect.promise(() => commerce.close())
    )
  )
  const { catalog, orders, payments } = commerce

  const order = async (quantity = 1) => {
    const { id: categoryId } = await catalog.createCategory({ name: `Books ${crypto.randomUUID()}` })
    const price = { amount: 1000, currency: "EUR" }
    const { id: productId } = await catalog.createProduct({ categoryId, name: "Atlas", price, stock: 9 })
    const { id } = await orders.place({ customerId: "ada", items: [{ productId, quantity }] })
    return { id, productId }
  }

  /** Delivers an event as Stripe does, and returns the status of the answer. */
  const deliver = async (body: string, signature = fake.sign(body)) =>
    (
      await app.request("/stripe/webhooks", {
        method: "POST",
        headers: { "Stripe-Signature": signature },
        body
      })
    ).status

  const paymentsOf = async (orderId: string) => (await payments.list(orderId)).map(({ status }) => status)
  const operationsOf = async (orderId: string) =>
    (await payments.operations(orderId)).map(({ kind, status }) => `${kind} ${status}`)

  /** Whether something of an order still waits for an answer. */
  const isPending = async (orderId: string) =>
    [...(await paymentsOf(orderId)), ...(await operationsOf(orderId))].some((status) =>
      status.endsWith("PENDING")
    )

  /** Recovers until nothing of these orders is pending. */
  const recover = async (...orderIds: ReadonlyArray<string>) => {
    for (const orderId of orderIds) {
      while (await isPending(orderId)) {
        await setTimeout(100)
        await payments.recover()
      }
    }
  }

  /** Compares the books with what Stripe has done. */
  const agree = async (orderId: string, label = orderId) => {
    const { captured, refunded, pending } = await payments.refundable(orderId)
    const { held, charged, charges, refunded: returned } = fake.ledger(orderId)
    const all = await payments.list(orderId)
    const authorized = all.filter(({ status }) => status === "AUTHORIZED")
    assert.deepStrictEqual(
      {
        charged: captured.amount,
        refunded: refunded.amount + pending.amount,
        held: authorized.reduce((sum, { amount }) => sum + amount.amount, 0)
      },
      { charged, refunded: returned, held },
      label
    )
    assert.isAtMost(charges, 1, label)
  }

  /** At the end of each file: nothing is wrong with the books, and no key was used for two different requests. */
  const audit = async () => {
    assert.deepStrictEqual(await commerce.verify(), { ok: true, violations: [] })
    assert.strictEqual(fake.misusedKeys, 0)
  }

  return { ...commerce, stripe: fake, app, order, deliver, paymentsOf, operationsOf, recover, agree, audit }
}

export type Shop = Awaited<ReturnType<typeof openShop>>
