/** Customers who buy and pay, and a warehouse that restocks and ships, without pause while something dies. */
import { Effect } from "effect"
import {
  type Asked,
  adminToken,
  ask,
  must,
  newCustomerToken,
  type Order,
  type Product,
  stockUp,
  type Unanswered
} from "../race/Api.ts"

/** What the tests read of an order, a payment or a product that was answered. */
export interface Answered {
  readonly id?: string
  readonly orderId?: string
  readonly status?: string
}

/** A request, and what came of it: no answer if the connection broke, or if the store was away. */
export interface Sent {
  readonly asked: Asked
  readonly status: number | undefined
  readonly body: Answered
  /** Says that it was answered before. */
  readonly replayed: boolean
  /** The connection was there and broke before the answer came. */
  readonly broken: boolean
}

export interface Workload {
  readonly admin: string
  readonly customers: ReadonlyArray<string>
  readonly products: ReadonlyArray<Product>
  readonly voucher: Voucher
}

export interface Voucher {
  readonly id: string
  readonly code: string
  readonly usesLeft: number
}

const stockOfEach = 1_000_000
export const usesOfVoucher = 1_000_000

export const openWorkload = Effect.fnUntraced(function* (url: string) {
  const admin = yield* adminToken(url)
  const products = yield* stockUp(url, admin, [stockOfEach, stockOfEach, stockOfEach])
  const customers = yield* Effect.all([newCustomerToken(url), newCustomerToken(url)])
  const code = `voucher ${crypto.randomUUID()}`
  const body = { code, name: "A tenth less", rate: 100_000, uses: usesOfVoucher }
  const voucher = yield* must<Voucher>(201, url, { method: "POST", path: "/vouchers", token: admin, body })
  const workload: Workload = { admin, customers, products, voucher }
  return workload
})

/** Nobody has listened any more, and nothing was accepted. */
const wasRefused = ({ cause }: Unanswered) =>
  cause instanceof Error &&
  cause.cause instanceof Error &&
  "code" in cause.cause &&
  cause.cause.code === "ECONNREFUSED"

const unanswered = (asked: Asked, broken: boolean): Sent => ({
  asked,
  status: undefined,
  body: {},
  replayed: false,
  broken
})

export const send = (url: string, asked: Asked): Effect.Effect<Sent> =>
  Effect.match(ask<Answered>(url, asked), {
    onFailure: (failure) => unanswered(asked, !wasRefused(failure)),
    onSuccess: ({ status, body, headers }) => {
      const replayed = headers.get("idempotent-replayed") === "true"
      return status === 503 ? unanswered(asked, false) : { asked, status, body, replayed, broken: false }
    }
  })

const post = (path: string, token: string, body: unknown): Asked => ({
  method: "POST",
  path,
  token,
  body,
  key: crypto.randomUUID()
})

const oneOf = <A>(...choices: readonly [A, ...Array<A>]): A =>
  choices[Math.floor(Math.random() * choices.length)] ?? choices[0]

/** Sends requests, and remembers each from the moment that it is sent. */
type Send = (asked: Asked) => Effect.Effect<Sent>

/** Places an order of two or three products, now and then with a voucher, and pays for it, again and again. */
const customer = ({ products, voucher: { code } }: Workload, token: string, send: Send) =>
  Effect.gen(function* () {
    const items = products.slice(oneOf(0, 1)).map(({ id }) => ({ productId: id, quantity: oneOf(1, 2, 3) }))
    const codes = oneOf([], [], [code])
    const { body } = yield* send(post("/orders", token, { items, codes }))
    if (body.id === undefined) return yield* Effect.sleep("20 millis")
    const paymentMethod = oneOf("sim_approve", "sim_approve", "sim_decline")
    yield* send(post(`/orders/${body.id}/payments`, token, { paymentMethod }))
  }).pipe(Effect.forever)

/** Ships what is paid, and adds and takes away units, again and again. */
const warehouse = ({ products, admin }: Workload, url: string, send: Send) =>
  Effect.gen(function* () {
    for (const { id } of products) {
      yield* send(post(`/products/${id}/stock-adjustments`, admin, { delta: oneOf(-2, -1, 5) }))
    }
    const page = yield* Effect.option(
      ask<{ items: ReadonlyArray<Order> }>(url, {
        method: "GET",
        path: "/orders?status=PAID&limit=3",
        token: admin
      })
    )
    for (const { id } of page._tag === "Some" ? (page.value.body.items ?? []) : []) {
      yield* send({ method: "PATCH", path: `/orders/${id}`, token: admin, body: { status: "SHIPPED" } })
    }
    yield* Effect.sleep("20 millis")
  }).pipe(Effect.forever)

/** Lets them work until something has happened, which begins in the middle of it; answers with all that they have sent. */
export const load = Effect.fnUntraced(function* (
  url: string,
  workload: Workload,
  until: Effect.Effect<unknown>
) {
  const log: Array<Sent> = []
  let answered = 0
  const remember: Send = (asked) =>
    Effect.suspend(() => {
      // What is cut off on its way was sent all the same.
      const place = log.push(unanswered(asked, false)) - 1
      return Effect.tap(send(url, asked), (sent) =>
        Effect.sync(() => {
          log[place] = sent
          answered += 1
        })
      )
    })
  const customers = Array.from(
    { length: 8 },
    (_, n) => workload.customers[n % workload.customers.length] ?? ""
  )
  const busy = Effect.repeat(Effect.sleep("5 millis"), { while: () => answered < 80 }).pipe(
    Effect.timeoutOption("10 seconds"),
    Effect.andThen(Effect.suspend(() => Effect.sleep(Math.random() * 400)))
  )
  yield* Effect.raceFirst(
    Effect.all(
      [...customers.map((token) => customer(workload, token, remember)), warehouse(workload, url, remember)],
      { concurrency: "unbounded" }
    ),
    Effect.andThen(busy, until)
  )
  return log
})
