/** The part of Stripe's API that the host uses, on a local port: intents, refunds, disputes, idempotency keys, webhooks, and faults on demand. */
import { createHmac, randomUUID } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"

type Json = Record<string, unknown>
type Step = "create" | "confirm" | "capture" | "cancel" | "refund" | "retrieve" | "list"

/**
 * What goes wrong with requests. `lost`: done, and the connection breaks. `hang`: done, without an answer. `stall`: nothing is done, without an answer. `unreached`: nothing is done, and the
 * connection breaks. `500`: an error that is stored under the key, before the work or after it. `503`, `409` and `429`: errors that are not
 * stored, and nothing is done. `402`: the step is refused.
 */
export type Fault =
  | "lost"
  | "hang"
  | "stall"
  | "unreached"
  | "500 before"
  | "500 after"
  | "503"
  | "409"
  | "429"
  | "402"

interface Intent {
  readonly id: string
  readonly object: "payment_intent"
  readonly amount: number
  readonly currency: string
  readonly capture_method: string
  readonly metadata: Readonly<Record<string, string>>
  readonly client_secret: string
  created: number
  payment_method: string | null
  status: string
  amount_received: number
  cancellation_reason: string | null
  last_payment_error: Json | null
  next_action: Json | null
}

interface Refund {
  readonly id: string
  readonly object: "refund"
  readonly payment_intent: string
  readonly amount: number
  readonly currency: string
  readonly metadata: Readonly<Record<string, string>>
  status: string
}

interface Dispute {
  readonly id: string
  readonly object: "dispute"
  readonly payment_intent: string
  readonly amount: number
  readonly currency: string
  status: string
}

/** An answer that is an error, as Stripe writes it. */
class Refused extends Error {
  readonly status: number
  readonly error: Json
  constructor(status: number, error: Json) {
    super(String(error.message))
    this.status = status
    this.error = error
  }
}

const invalid = (message: string, code = "parameter_invalid", details: Json = {}) =>
  new Refused(400, { type: "invalid_request_error", code, message, ...details })

const unfit = (intent: Intent) =>
  invalid(`The intent is ${intent.status}`, "payment_intent_unexpected_state", { payment_intent: intent })

/** Reads `metadata[order_id]=1&amount=2`. */
const parse = (body: string) => {
  const fields: Record<string, string> = {}
  const metadata: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(body)) {
    const key = /^metadata\[(\w+)\]$/.exec(name)?.[1]
    if (key === undefined) fields[name] = value
    else metadata[key] = value
  }
  return { fields, metadata }
}

export class FakeStripe {
  readonly apiKey = "sk_test_fake"
  readonly webhookSecret = "whsec_fake"
  port = 0
  /** Where webhooks go. While it is undefined, they stay in `undelivered`. */
  webhookUrl: string | undefined
  readonly undelivered: Array<string> = []
  /** How many requests had an idempotency key that was used for another request. */
  misusedKeys = 0
  /** How many requests there were of each step. */
  readonly requests: Record<Step, number> = {
    create: 0,
    confirm: 0,
    capture: 0,
    cancel: 0,
    refund: 0,
    retrieve: 0,
    list: 0
  }
  readonly #intents = new Map<string, Intent>()
  readonly #refunds = new Map<string, Refund>()
  readonly #disputes = new Map<string, Dispute>()
  readonly #keys = new Map<string, { request: string; answer?: { status: number; body: string } }>()
  readonly #faults: Array<{ step: Step; fault: Fault; times: number }> = []
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  readonly #deliveries = new Set<Promise<unknown>>()

  async start() {
    this.#server.listen(this.port, "127.0.0.1")
    await once(this.#server, "listening")
    const address = this.#server.address()
    this.port = typeof address === "object" ? (address?.port ?? 0) : 0
    return this
  }

  async stop() {
    this.#server.closeAllConnections()
    this.#server.close()
    await Promise.all(this.#deliveries)
  }

  /** What a host needs to know. */
  get settings() {
    const api = { protocol: "http", host: "127.0.0.1", port: this.port } as const
    return { apiKey: this.apiKey, webhookSecret: this.webhookSecret, api }
  }

  /** Lets the next requests of a step go wrong. The client repeats a request once after a broken connection, so `lost` takes two. */
  fail(step: Step, fault: Fault, times = fault === "lost" || fault === "unreached" ? 2 : 1) {
    this.#faults.push({ step, fault, times })
  }

  /** The faults that no request has met yet. */
  get faultsLeft() {
    return this.#faults.length
  }

  // What customers, banks and people in the dashboard do.

  /** The customer of an intent authenticates, or fails to. */
  authenticate(id: string, succeeds: boolean) {
    const intent = this.#intent(id)
    if (intent.status !== "requires_action") throw unfit(intent)
    intent.next_action = null
    if (succeeds) this.#charge(intent)
    else this.#decline(intent, "payment_intent_authentication_failure")
  }

  /** The customer of an intent waits. */
  wait(id: string, seconds: number) {
    this.#intent(id).created -= seconds
  }

  /** The bank releases a hold that was not captured. */
  expireHold(id: string) {
    this.#cancel(this.#intent(id), "automatic")
  }

  /** The bank of the customer refuses a refund, days later. */
  failRefund(id: string) {
    const refund = this.#refund(id)
    refund.status = "failed"
    this.#emit("refund.failed", refund)
  }

  refundInDashboard(id: string, amount: number) {
    return this.#makeRefund(id, amount, {}).id
  }

  dispute(id: string, amount: number, status = "needs_response") {
    const { currency } = this.#intent(id)
    const made: Dispute = {
      id: `dp_${randomUUID()}`,
      object: "dispute",
      payment_intent: id,
      amount,
      currency,
      status
    }
    this.#disputes.set(made.id, made)
    this.#emit("charge.dispute.created", made)
    return made.id
  }

  winDispute(id: string) {
    const dispute = this.#dispute(id)
    dispute.status = "won"
    this.#emit("charge.dispute.closed", dispute)
  }

  // What a test looks at.

  /** The money of an order: what is held, was charged and was returned, and how many intents have charged. */
  ledger(orderId: string) {
    const intents = [...this.#intents.values()].filter(({ metadata }) => metadata.order_id === orderId)
    const ids = new Set(intents.map(({ id }) => id))
    const sum = (all: ReadonlyArray<number>) => all.reduce((total, amount) => total + amount, 0)
    const refunds = [...this.#refunds.values()].filter(({ payment_intent }) => ids.has(payment_intent))
    return {
      held: sum(intents.filter(({ status }) => status === "requires_capture").map(({ amount }) => amount)),
      charged: sum(intents.map(({ amount_received }) => amount_received)),
      charges: intents.filter(({ amount_received }) => amount_received > 0).length,
      refunded: sum(refunds.filter(({ status }) => status !== "failed").map(({ amount }) => amount))
    }
  }

  /** The newest intent of an order. */
  intentOf(orderId: string) {
    const found = [...this.#intents.values()].findLast(({ metadata }) => metadata.order_id === orderId)
    if (found === undefined) throw new Error(`No intent of ${orderId}`)
    return found
  }

  // Webhooks.

  /** Signs a body as Stripe does. */
  sign(body: string, secret = this.webhookSecret, at = Math.floor(Date.now() / 1000)) {
    return `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`
  }

  /** Sends an event, and returns the status of the answer. */
  async deliver(body: string, signature = this.sign(body), url = this.webhookUrl) {
    const headers = { "Content-Type": "application/json", "Stripe-Signature": signature }
    return (await fetch(url ?? "", { method: "POST", headers, body })).status
  }

  /** Waits until no webhook is on its way. */
  async quiet() {
    while (this.#deliveries.size > 0) await Promise.all(this.#deliveries)
  }

  #emit(type: string, object: Intent | Refund | Dispute) {
    const id = `evt_${randomUUID()}`
    const body = JSON.stringify({
      id,
      object: "event",
      api_version: "2026-10-28.endive",
      created: Math.floor(Date.now() / 1000),
      type,
      data: { object }
    })
    if (this.webhookUrl === undefined) {
      this.undelivered.push(body)
      return
    }
    const delivery = this.#deliverUntilTaken(body)
    this.#deliveries.add(delivery)
    void delivery.finally(() => this.#deliveries.delete(delivery))
  }

  /** Stripe does so for three days; the fake, for some seconds. */
  async #deliverUntilTaken(body: string) {
    for (let attempt = 1; attempt <= 20; attempt++) {
      const status = await this.deliver(body).catch(() => 0)
      if (status >= 200 && status < 300) return
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt))
    }
    this.undelivered.push(body)
  }

  // The API.

  async #serve(request: IncomingMessage, response: ServerResponse) {
    const body = await text(request)
    const { method, url = "" } = request
    const { pathname, searchParams } = new URL(url, "http://localhost")
    const [, , resource = "", id = "", action = ""] = pathname.split("/")
    const answer = (status: number, content: string, replayed = false) => {
      response.statusCode = status
      response.setHeader("Content-Type", "application/json")
      response.setHeader("Request-Id", `req_${randomUUID()}`)
      if (replayed) response.setHeader("Idempotent-Replayed", "true")
      response.end(content)
    }
    const refuse = ({ status, error }: Refused) => answer(status, JSON.stringify({ error }))
    if (request.headers.authorization !== `Bearer ${this.apiKey}`) {
      return refuse(new Refused(401, { type: "invalid_request_error", message: "Invalid API Key provided" }))
    }
    const step = this.#stepOf(method ?? "", resource, id, action)
    if (step === undefined) return refuse(new Refused(404, { type: "invalid_request_error", message: url }))
    this.requests[step] += 1
    const fault = this.#takeFault(step)
    if (fault === "stall") return
    if (fault === "unreached") return request.socket.destroy()
    if (fault === "503") return refuse(new Refused(503, { type: "api_error", message: "Try again" }))
    if (fault === "429")
      return refuse(
        new Refused(429, { type: "invalid_request_error", code: "rate_limit", message: "Slow down" })
      )
    const inUse = new Refused(409, {
      type: "idempotency_error",
      code: "idempotency_key_in_use",
      message: "In use"
    })
    if (fault === "409") return refuse(inUse)

    const header = request.headers["idempotency-key"]
    const key = method === "POST" && typeof header === "string" ? header : undefined
    const asked = `${method} ${pathname} ${body}`
    const known = key === undefined ? undefined : this.#keys.get(key)
    if (known !== undefined && known.request !== asked) {
      this.misusedKeys += 1
      const message = "Keys for idempotent requests can only be used with the same parameters"
      return refuse(new Refused(400, { type: "idempotency_error", message }))
    }
    if (known?.answer !== undefined) {
      if (fault === "lost") return request.socket.destroy()
      if (fault !== "hang") answer(known.answer.status, known.answer.body, true)
      return
    }
    const result = this.#carryOut(step, id, parse(body), searchParams, fault)
    // Stripe stores what an endpoint answers, errors too, but no failed validation.
    if (key !== undefined && !(result.status === 400 || result.status === 404)) {
      this.#keys.set(key, { request: asked, answer: result })
    }
    if (fault === "lost") return request.socket.destroy()
    if (fault !== "hang") answer(result.status, result.body)
  }

  #stepOf(method: string, resource: string, id: string, action: string): Step | undefined {
    const isKnown = ["payment_intents", "refunds", "disputes"].includes(resource)
    if (method === "GET") return !isKnown ? undefined : id === "" ? "list" : "retrieve"
    if (resource === "refunds") return "refund"
    if (resource !== "payment_intents") return undefined
    if (id === "") return "create"
    return action === "confirm" || action === "capture" || action === "cancel" ? action : undefined
  }

  #takeFault(step: Step): Fault | undefined {
    const index = this.#faults.findIndex((planned) => planned.step === step)
    const planned = this.#faults[index]
    if (planned === undefined) return undefined
    planned.times -= 1
    if (planned.times === 0) this.#faults.splice(index, 1)
    return planned.fault
  }

  #carryOut(
    step: Step,
    id: string,
    input: ReturnType<typeof parse>,
    query: URLSearchParams,
    fault: Fault | undefined
  ): { status: number; body: string } {
    const failed = { status: 500, body: JSON.stringify({ error: { type: "api_error", message: "Sorry" } }) }
    if (fault === "500 before") return failed
    try {
      if (fault === "402") {
        const error = { type: "card_error", code: "card_declined", message: "Your card was declined." }
        throw new Refused(402, error)
      }
      const object = this.#do(step, id, input, query)
      return fault === "500 after" ? failed : { status: 200, body: JSON.stringify(object) }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return { status: error.status, body: JSON.stringify({ error: error.error }) }
    }
  }

  #do(step: Step, id: string, { fields, metadata }: ReturnType<typeof parse>, query: URLSearchParams) {
    switch (step) {
      case "create":
        return this.#create(fields, metadata)
      case "confirm": {
        const intent = this.#intent(id)
        if (intent.status !== "requires_confirmation") throw unfit(intent)
        return this.#confirm(intent, fields.return_url)
      }
      case "capture": {
        const intent = this.#intent(id)
        if (intent.status !== "requires_capture") throw unfit(intent)
        const amount = Number(fields.amount_to_capture ?? intent.amount)
        if (amount > intent.amount) throw invalid("The amount exceeds what is held", "amount_too_large")
        if (amount < 1) throw invalid("The amount is less than 1", "parameter_invalid_integer")
        return this.#succeed(intent, amount)
      }
      case "cancel": {
        const intent = this.#intent(id)
        if (intent.status === "succeeded" || intent.status === "canceled") throw unfit(intent)
        return this.#cancel(intent, fields.cancellation_reason ?? null)
      }
      case "refund":
        return this.#makeRefund(fields.payment_intent ?? "", Number(fields.amount), metadata)
      case "retrieve":
        return id.startsWith("re_")
          ? this.#refund(id)
          : id.startsWith("dp_")
            ? this.#dispute(id)
            : this.#intent(id)
      case "list": {
        const of = query.get("payment_intent")
        const data = [...this.#refunds.values()].filter(({ payment_intent }) => payment_intent === of)
        return { object: "list", has_more: false, data }
      }
    }
  }

  #create(fields: Readonly<Record<string, string>>, metadata: Readonly<Record<string, string>>) {
    const { payment_method = "", currency = "", capture_method = "automatic" } = fields
    const amount = Number(fields.amount)
    if (!Number.isInteger(amount) || amount < 1) throw invalid("Invalid integer", "parameter_invalid_integer")
    if (!/^[a-z]{3}$/.test(currency)) throw invalid("Invalid currency")
    if (!payment_method.startsWith("pm_card_")) {
      throw invalid(`No such PaymentMethod: '${payment_method}'`, "resource_missing", {
        param: "payment_method"
      })
    }
    const id = `pi_${randomUUID()}`
    const intent: Intent = {
      id,
      object: "payment_intent",
      amount,
      currency,
      capture_method,
      metadata,
      client_secret: `${id}_secret`,
      created: Math.floor(Date.now() / 1000),
      payment_method,
      status: "requires_confirmation",
      amount_received: 0,
      cancellation_reason: null,
      last_payment_error: null,
      next_action: null
    }
    this.#intents.set(id, intent)
    this.#emit("payment_intent.created", intent)
    return intent
  }

  /** The payment methods are those of Stripe's test mode. */
  #confirm(intent: Intent, returnUrl: string | undefined) {
    if (intent.payment_method === "pm_card_chargeDeclined") {
      throw this.#decline(intent, "card_declined")
    }
    if (intent.payment_method === "pm_card_threeDSecure2Required") {
      intent.status = "requires_action"
      intent.next_action =
        returnUrl === undefined
          ? { type: "use_stripe_sdk" }
          : {
              type: "redirect_to_url",
              redirect_to_url: { url: `https://bank.example/3ds/${intent.id}`, return_url: returnUrl }
            }
      this.#emit("payment_intent.requires_action", intent)
      return intent
    }
    return this.#charge(intent)
  }

  #charge(intent: Intent) {
    if (intent.capture_method !== "manual") return this.#succeed(intent, intent.amount)
    intent.status = "requires_capture"
    this.#emit("payment_intent.amount_capturable_updated", intent)
    return intent
  }

  #succeed(intent: Intent, amount: number) {
    intent.status = "succeeded"
    intent.amount_received = amount
    this.#emit("payment_intent.succeeded", intent)
    return intent
  }

  #decline(intent: Intent, code: string) {
    intent.status = "requires_payment_method"
    intent.payment_method = null
    intent.last_payment_error = { type: "card_error", code }
    this.#emit("payment_intent.payment_failed", intent)
    const message = "Your card was declined."
    return new Refused(402, { type: "card_error", code, message, payment_intent: intent })
  }

  #cancel(intent: Intent, reason: string | null) {
    intent.status = "canceled"
    intent.cancellation_reason = reason
    intent.next_action = null
    this.#emit("payment_intent.canceled", intent)
    return intent
  }

  #makeRefund(intentId: string, amount: number, metadata: Readonly<Record<string, string>>) {
    const intent = this.#intent(intentId)
    if (intent.status !== "succeeded") throw unfit(intent)
    const refunded = [...this.#refunds.values()]
      .filter(({ payment_intent, status }) => payment_intent === intentId && status !== "failed")
      .reduce((total, refund) => total + refund.amount, 0)
    if (refunded === intent.amount_received) {
      throw invalid("The charge has already been refunded", "charge_already_refunded")
    }
    if (refunded + amount > intent.amount_received)
      throw invalid("The refund exceeds what is left of the charge")
    const isPending = intent.payment_method === "pm_card_pendingRefund"
    const refund: Refund = {
      id: `re_${randomUUID()}`,
      object: "refund",
      payment_intent: intentId,
      amount,
      currency: intent.currency,
      metadata,
      status: isPending ? "pending" : "succeeded"
    }
    this.#refunds.set(refund.id, refund)
    this.#emit("refund.created", refund)
    return refund
  }

  #intent(id: string) {
    return this.#found(this.#intents.get(id), id)
  }

  #refund(id: string) {
    return this.#found(this.#refunds.get(id), id)
  }

  #dispute(id: string) {
    return this.#found(this.#disputes.get(id), id)
  }

  #found<A>(object: A | undefined, id: string): A {
    if (object === undefined)
      throw new Refused(404, {
        type: "invalid_request_error",
        code: "resource_missing",
        message: `No such object: '${id}'`
      })
    return object
  }
}
