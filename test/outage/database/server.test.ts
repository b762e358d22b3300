import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, References } from "effect"
import { buy, isRight, openShop, product, times } from "../../race/support.ts"
import { freePort, ownServer } from "../OwnServer.ts"
import { everything, outageOf, recovers } from "../support.ts"

/** An outage that has certainly changed nothing, and is not waited for. */
const allMeetAnOutage = (works: Record<string, Effect.Effect<unknown, unknown>>) =>
  Effect.forEach(
    Object.entries(works),
    Effect.fnUntraced(function* ([what, work]) {
      const { outcome } = yield* outageOf(work)
      assert.strictEqual(outcome, "notApplied", what)
    }),
    { concurrency: "unbounded" }
  )

const quietly = Effect.provideService(References.MinimumLogLevel, "None")

describe("a database that is not there", () => {
  it.live("is an outage that has certainly changed nothing, at once, whatever is asked", () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(freePort)
      const shop = yield* openShop(Redacted.make(`postgres://nobody@127.0.0.1:${port}/nothing`))
      const id = crypto.randomUUID()
      yield* allMeetAnOutage(everything(shop, { product: id, order: id }))
    }).pipe(quietly)
  )
})

describe("a database server of one's own", () => {
  it.live(
    "that is stopped is an outage, and all goes on by itself once it is there again [F1]",
    () =>
      Effect.gen(function* () {
        const server = yield* ownServer("fsync=off")
        const shop = yield* openShop(server.url)
        const item = yield* product(shop, 100)
        const { id: order } = yield* buy(shop, item)
        yield* shop.payments.pay({ orderId: order, paymentMethod: "sim_approve" })
        const before = yield* shop.orders.feed()

        yield* server.stop
        yield* allMeetAnOutage(everything(shop, { product: item.id, order }))
        yield* server.start
        yield* recovers(shop.health.check)
        yield* shop.orders.ship(order)
        yield* buy(shop, item)

        const after = before.at(-1)?.position
        const since = yield* shop.orders.feed({ after })
        assert.deepStrictEqual(
          since.map(({ event }) => event),
          ["shipped", "placed"],
          "a position of the feed is good after a restart"
        )
        yield* isRight(shop)
      }).pipe(quietly),
    60_000
  )

  it.live(
    "that is stopped in the middle of many placings, and again, loses none that was answered and repeats none [S2]",
    () =>
      Effect.gen(function* () {
        const server = yield* ownServer("fsync=off")
        const shop = yield* openShop(server.url)
        const item = yield* product(shop, 100_000)
        const told = new Set<string>()
        let unanswered = 0
        let unknown = 0
        const customer = crypto.randomUUID()
        const place = shop.orders.place({
          customerId: customer,
          items: [{ productId: item.id, quantity: 1 }]
        })
        const shopper = Effect.forever(
          Effect.matchEffect(place, {
            onSuccess: ({ id }) => Effect.sync(() => told.add(id)),
            onFailure: (failure) => {
              if (failure._tag !== "StoreUnavailable") return Effect.die(failure)
              if (failure.outcome === "notApplied") unanswered += 1
              else unknown += 1
              return Effect.sleep("20 millis")
            }
          })
        )
        const shoppers = yield* Effect.forEach(times(16), () => Effect.forkChild(shopper))
        for (const _ of times(2)) {
          yield* Effect.sleep("300 millis")
          yield* server.kill
          yield* Effect.sleep("300 millis")
          yield* server.start
        }
        yield* recovers(shop.health.check)
        yield* Effect.sleep("300 millis")
        for (const fiber of shoppers) yield* Fiber.interrupt(fiber)

        const stored = yield* shop.sql<{ id: string }>`SELECT id FROM commerce.orders`
        const ids = new Set(stored.map(({ id }) => id))
        for (const id of told) assert.isTrue(ids.has(id), "an order that somebody was told of is there")
        assert.isAbove(told.size, 50)
        assert.isAbove(unanswered, 0)
        // An interrupted shopper may have placed one more that it was not told of.
        assert.isAtMost(ids.size, told.size + unknown + 16, "what was said to be undone was not done")
        yield* isRight(shop)
      }).pipe(quietly),
    60_000
  )
})
