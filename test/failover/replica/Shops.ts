/** Servers of one shop, each with clients of its own, as separate processes have. */
import { assert } from "@effect/vitest"
import { type Duration, Effect } from "effect"
import { type Commerce, createCommerce } from "../../../src/promise/index.ts"
import { type Pair, urlText } from "./support.ts"

const credentials = { email: "boss@example.com", password: "correct horse battery" }

/** A server of the shop. */
export const openServer = ({ server, standby }: Pair, maxReplicaLag: Duration.Input) =>
  Effect.acquireRelease(
    Effect.promise(() =>
      createCommerce({
        database: { url: urlText(server), replica: urlText(standby), maxReplicaLag },
        auth: { jwtSecret: "a secret that only these tests know, and no other", bcryptCost: 4 },
        http: { rateLimit: "off" },
        logger: {}
      })
    ),
    (commerce) => Effect.promise(() => commerce.close())
  )

export interface Asked {
  readonly token?: string | undefined
  readonly position?: string | undefined
  readonly body?: unknown
}

/** Sends a request over HTTP. Any answer but a success is a failure of the test. */
export const ask = async <A>(
  { handler }: Commerce,
  method: string,
  path: string,
  { token, position, body }: Asked = {}
): Promise<{ readonly body: A; readonly position: string }> => {
  const request = new Request(`http://shop.example${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(position === undefined ? {} : { "commerce-position": position }),
      ...(body === undefined ? {} : { "content-type": "application/json" })
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const response = await handler(request)
  const text = await response.text()
  assert.isBelow(response.status, 300, `${method} ${path}: ${text}`)
  return { body: JSON.parse(text) as A, position: response.headers.get("commerce-position") ?? "" }
}

const logIn = async (commerce: Commerce, body: typeof credentials) =>
  (await ask<{ accessToken: string }>(commerce, "POST", "/auth/login", { body })).body.accessToken

export const adminOf = async (commerce: Commerce) => {
  await commerce.accounts.createAdmin(credentials)
  return logIn(commerce, credentials)
}

export const customerOf = async (commerce: Commerce) => {
  const body = { email: `${crypto.randomUUID()}@example.com`, password: "correct horse" }
  await ask(commerce, "POST", "/auth/register", { body })
  return logIn(commerce, body)
}

export const newProduct = async (commerce: Commerce, stock = 1_000_000) => {
  const { id: categoryId } = await commerce.catalog.createCategory({ name: crypto.randomUUID() })
  const price = { amount: 1, currency: "EUR" }
  return commerce.catalog.createProduct({ categoryId, name: "mug", price, stock })
}
