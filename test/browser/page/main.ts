/** A page of a shop: it uses the typed client on a server of another origin, and shows what came of it. */
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { logIn, visitor } from "../../../examples/typed-client/client.ts"

const server = new URLSearchParams(location.search).get("server") ?? ""
const ada = { email: "ada@example.com", password: "battery staple" }

const shopping = Effect.gen(function* () {
  const { auth, catalog } = yield* visitor(server)
  yield* auth.register({ payload: ada })
  const [mug] = (yield* catalog.products({ query: {} })).items
  if (mug === undefined) return yield* Effect.die("There is nothing to buy")

  const { orders } = yield* logIn(server, ada)
  const cart = {
    headers: { "idempotency-key": "cart-1" },
    payload: { items: [{ productId: mug.id, quantity: 2 }] }
  }
  const { body: order } = yield* orders.place(cart)
  const { headers } = yield* orders.place(cart)
  const { body: payment } = yield* orders.pay({
    params: { id: order.id },
    headers: {},
    payload: { paymentMethod: "sim_approve" }
  })
  const refusal = yield* Effect.flip(
    orders.place({ headers: {}, payload: { items: [{ productId: mug.id, quantity: 99 }] } })
  )
  return { replayed: headers["idempotent-replayed"], paid: payment.orderStatus, refusal: refusal._tag }
})

const shown = await Effect.runPromise(
  shopping.pipe(
    Effect.provide(FetchHttpClient.layer),
    Effect.match({ onSuccess: (done) => JSON.stringify(done), onFailure: (error) => String(error) })
  )
)
const output = document.querySelector("output")
if (output !== null) output.textContent = shown
