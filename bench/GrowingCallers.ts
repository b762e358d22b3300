import { Effect } from "effect"
import { Bench, progress } from "./Bench.ts"
import { grow } from "./Growth.ts"
import type { Pace } from "./Measure.ts"
import { httpShop } from "./Server.ts"
import { fill, pick, services, shop, verified } from "./Shop.ts"

const callers = [1, 8, 64, 512]
const lines = [1, 10, 100]

/** One caller to many, without HTTP and over it, and one line per order to a hundred. */
export const growingCallers = Effect.fnUntraced(function* (pace: Pace) {
  const url = yield* (yield* Bench).database
  const measured = Effect.gen(function* () {
    const products = yield* fill(1000)
    const { orders } = yield* services
    const { client, token } = yield* httpShop(url)
    const customerId = crypto.randomUUID()
    const place = (count: number) =>
      Effect.suspend(() => orders.place({ customerId, items: pick(products, count) }))
    const post = Effect.suspend(() =>
      client.ask(201, { method: "POST", path: "/orders", token, body: { items: pick(products, 3) } })
    )
    const byCallers = (work: Effect.Effect<unknown, unknown>) =>
      callers.map((count) => ({ at: count, callers: count, work }))
    const byLines = lines.map((count) => ({ at: count, units: count, callers: 64, work: place(count) }))

    yield* progress("place, 1 to 512 callers, 1 to 100 lines")
    const growths = [
      yield* grow("place 3", "callers", byCallers(place(3)), pace),
      yield* grow("HTTP: place 3", "connections", byCallers(post), pace),
      yield* grow("place, in lines per second", "lines", byLines, pace)
    ]
    yield* verified
    return growths
  })
  return yield* Effect.provide(measured, shop(url))
})
