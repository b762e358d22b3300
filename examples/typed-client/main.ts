import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { logIn, visitor } from "./client.ts"
import { openShop } from "./server.ts"

let refreshed = 0

/** `fetch`, and a count of how often a token was exchanged. */
const Http = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(
    HttpClient.HttpClient,
    HttpClient.tapRequest(({ url }) =>
      Effect.sync(() => {
        if (url.endsWith("/auth/refresh")) refreshed++
      })
    )
  )
).pipe(Layer.provide(FetchHttpClient.layer))

const program = Effect.gen(function* () {
  const { url, ada } = yield* openShop

  const { catalog } = yield* visitor(url)
  const { items } = yield* catalog.products({ query: { q: "mug", inStock: true } })
  yield* Console.log(`found: ${items.map(({ name, price }) => `${name}, ${price.amount} ${price.currency}`)}`)

  const shop = yield* logIn(url, ada)
  const payload = { items: items.map(({ id: productId }) => ({ productId, quantity: 1 })) }
  const { body: order } = yield* shop.orders.place({
    headers: { "idempotency-key": "cart-1" },
    payload
  })
  yield* Console.log(`placed: ${order.total.amount} ${order.total.currency}`)

  yield* Effect.sleep("2100 millis") // longer than the access token is valid
  refreshed = 0
  const seen = yield* Effect.all(
    Array.from({ length: 5 }, () => shop.orders.get({ params: { id: order.id } })),
    { concurrency: "unbounded" }
  )
  yield* Console.log(`seen ${seen.length} times at once, with ${refreshed} new token`)

  yield* shop.orders
    .place({ headers: {}, payload })
    .pipe(
      Effect.catchTag("InsufficientStock", ({ shortages: [shortage] }) =>
        Console.log(`refused: ${shortage?.requested} asked for, ${shortage?.available} left`)
      )
    )
})

program.pipe(Effect.scoped, Effect.provide(Http), NodeRuntime.runMain)
