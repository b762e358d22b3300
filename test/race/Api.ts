/** Real server processes, and what their clients say to them. */
import { Effect, type Scope } from "effect"
import type { Product } from "../../src/domain/catalog/Product.ts"
import type { Order } from "../../src/domain/orders/Order.ts"
import type { Payment } from "../../src/domain/payments/Payment.ts"
import { type Process, run } from "./Processes.ts"

export type { Order, Payment, Product }

export interface Server extends Process {
  readonly url: string
}

export const admin = { email: "boss@example.com", password: "correct horse battery" }

/** What every server of these tests is set to, besides where its data are. */
const settings = {
  HOST: "127.0.0.1",
  JWT_SECRET: "a secret that only these tests know, and nobody else",
  PAYMENTS: "simulated",
  BCRYPT_COST: "4",
  AUTH_RATE_LIMIT: "off",
  ADMIN_EMAIL: admin.email,
  ADMIN_PASSWORD: admin.password,
  LOG_LEVEL: "Error"
}

/** `effect-commerce serve`, once it is ready. */
export const serve = Effect.fnUntraced(function* (
  env: NodeJS.ProcessEnv,
  port = 0
): Effect.fn.Return<Server, never, Scope.Scope> {
  const server = yield* run("src/cli/main.ts", ["serve"], { ...settings, ...env, PORT: String(port) })
  for (;;) {
    const [, url] = (yield* server.nextLine).match(/API +(http:\S+)/) ?? []
    if (url !== undefined) return { ...server, url }
  }
})

/** One of the other commands; its exit code and what it printed. */
export const command = Effect.fnUntraced(function* (name: string, env: NodeJS.ProcessEnv) {
  const process = yield* run("src/cli/main.ts", [name], { ...settings, ...env })
  return { code: yield* process.end, complaints: process.complaints() }
})

export interface Answer<A = unknown> {
  readonly status: number
  readonly headers: Headers
  readonly body: A
}

/** The connection ended, or never began: nobody knows what has become of the request. */
export class Unanswered {
  readonly _tag = "Unanswered"
  readonly cause: unknown
  constructor(cause: unknown) {
    this.cause = cause
  }
}

export interface Asked {
  readonly method: "GET" | "POST" | "PATCH"
  readonly path: string
  readonly token?: string | undefined
  readonly body?: unknown
  readonly key?: string | undefined
}

/** Sends a request; gives up after half a minute. */
export const ask = <A>(url: string, { method, path, token, body, key }: Asked) =>
  Effect.tryPromise({
    try: async (signal): Promise<Answer<A>> => {
      const response = await fetch(`${url}${path}`, {
        method,
        signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(key === undefined ? {} : { "idempotency-key": key })
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      return { status: response.status, headers: response.headers, body: (await response.json()) as A }
    },
    catch: (cause) => new Unanswered(cause)
  })

/** The same, where nothing but this status will do. */
export const must = <A>(status: number, url: string, asked: Asked): Effect.Effect<A> =>
  Effect.flatMap(Effect.orDie(ask<A>(url, asked)), (answer) =>
    answer.status === status
      ? Effect.succeed(answer.body)
      : Effect.die(
          new Error(`${asked.method} ${asked.path} → ${answer.status} ${JSON.stringify(answer.body)}`)
        )
  )

const logIn = (url: string, credentials: typeof admin) =>
  Effect.map(
    must<{ accessToken: string }>(200, url, { method: "POST", path: "/auth/login", body: credentials }),
    ({ accessToken }) => accessToken
  )

export const adminToken = (url: string) => logIn(url, admin)

/** The token of a new customer. */
export const newCustomerToken = Effect.fnUntraced(function* (url: string) {
  const credentials = { email: `${crypto.randomUUID()}@example.com`, password: "correct horse" }
  yield* must(201, url, { method: "POST", path: "/auth/register", body: credentials })
  return yield* logIn(url, credentials)
})

/** New products with this stock each, at 10 euros. */
export const stockUp = Effect.fnUntraced(function* (
  url: string,
  token: string,
  stocks: ReadonlyArray<number>
) {
  const { id: categoryId } = yield* must<{ id: string }>(201, url, {
    method: "POST",
    path: "/categories",
    token,
    body: { name: `category ${crypto.randomUUID()}` }
  })
  return yield* Effect.forEach(stocks, (stock, n) =>
    must<Product>(201, url, {
      method: "POST",
      path: "/products",
      token,
      body: { categoryId, name: `product ${n}`, price: { amount: 1000, currency: "EUR" }, stock }
    })
  )
})
