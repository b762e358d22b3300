import { Effect } from "effect"
import { Bench, type Group, progress } from "../Bench.ts"
import { placeByHand } from "../HandWritten.ts"
import { completeByHand, payByHand, shipByHand } from "../HandWrittenLife.ts"
import { type Case, measure } from "../Measure.ts"
import { httpShop } from "../Server.ts"
import { fill, pick, services, shop, verified } from "../Shop.ts"

const byHand = (products: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { sql, random } = yield* services
    const customerId = crypto.randomUUID()
    const step = { actor: customerId }
    return Effect.gen(function* () {
      const orderId = yield* random.uuidV7()
      yield* placeByHand(sql, { id: orderId, customerId, items: pick(products, 3) })
      yield* payByHand(sql, { ...step, orderId, paymentId: yield* random.uuidV7() })
      yield* shipByHand(sql, { ...step, orderId })
      yield* completeByHand(sql, { ...step, orderId })
    })
  })

const overHttp = (
  products: ReadonlyArray<string>,
  { client, token, adminToken }: Effect.Success<ReturnType<typeof httpShop>>
) =>
  Effect.gen(function* () {
    const body = { items: pick(products, 3) }
    const { id } = yield* client.json<{ id: string }>(201, { method: "POST", path: "/orders", token, body })
    const path = `/orders/${id}`
    const paymentMethod = "sim_approve"
    yield* client.ask(201, { method: "POST", path: `${path}/payments`, token, body: { paymentMethod } })
    yield* client.ask(200, { method: "PATCH", path, token: adminToken, body: { status: "SHIPPED" } })
    yield* client.ask(200, { method: "PATCH", path, token: adminToken, body: { status: "COMPLETED" } })
  })

/** The whole life of an order: placed, paid, shipped, completed. */
export const life: Group = Effect.gen(function* () {
  const { database, pace } = yield* Bench
  const url = yield* database
  const measured = Effect.gen(function* () {
    const products = yield* fill(1000)
    const one: Case<unknown> = {
      name: "HTTP: place, pay, ship, complete",
      callers: 64,
      ratio: "rate",
      goal: 3,
      baseline: yield* byHand(products),
      ours: overHttp(products, yield* httpShop(url))
    }
    yield* progress(`${one.name}, ${one.callers} connections`)
    const comparison = yield* measure(one, pace)
    yield* verified
    return [comparison]
  })
  return yield* Effect.provide(measured, shop(url))
})
