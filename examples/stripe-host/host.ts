import { type CommerceSettings, createCommerce } from "effect-commerce/promise"
import { Hono } from "hono"
import Stripe from "stripe"
import { stripeGateway } from "./gateway.ts"
import { stripeWebhooks } from "./webhooks.ts"

/** The settings of the host. `api` is where Stripe is, if it is not at api.stripe.com. */
export interface HostSettings {
  readonly stripe: {
    readonly apiKey: string
    readonly webhookSecret: string
    readonly api?: { readonly protocol: "http"; readonly host: string; readonly port: number }
  }
  readonly database: CommerceSettings["database"]
  readonly auth?: CommerceSettings["auth"]
  readonly maintenance?: CommerceSettings["maintenance"]
  readonly logger?: CommerceSettings["logger"]
  readonly capture?: "now" | "later"
  /** How long a request to Stripe may take, in milliseconds. Defaults to 3000. */
  readonly timeout?: number
}

/** A shop that is paid with Stripe: the API of the shop, and an endpoint for webhooks. */
export const openHost = async ({ stripe: settings, capture, timeout = 3000, ...others }: HostSettings) => {
  const { apiKey, webhookSecret, api } = settings
  const stripe = new Stripe(apiKey, {
    // Pinned: another version may have other statuses and events. Pin the webhook endpoint to the same one.
    apiVersion: "2026-10-28.endive",
    timeout,
    // The maintenance of the shop asks again.
    maxNetworkRetries: 0,
    ...api
  })
  const commerce = await createCommerce({
    ...others,
    http: { basePath: "/shop" },
    payments: {
      gateway: stripeGateway(stripe, "https://shop.example/paid"),
      // A payment takes up to four requests.
      timeout: 4 * timeout,
      capture,
      // A customer whose card is declined may try another one.
      afterDecline: "payable"
    }
  })
  const webhooks = stripeWebhooks(stripe, webhookSecret, commerce)

  const app = new Hono()
  app.all("/shop/*", (c) => commerce.handler(c.req.raw))
  app.post("/stripe/webhooks", async (c) => {
    // The signature is one of the bytes, so the body must not be parsed before.
    await webhooks(await c.req.text(), c.req.header("Stripe-Signature") ?? "")
    return c.body(null, 204)
  })
  app.onError((error, c) => {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return c.body(null, 400)
    // Stripe sends an event again, for three days, until it is answered with 2xx.
    console.error(error)
    return c.body(null, 500)
  })
  return { commerce, app }
}
