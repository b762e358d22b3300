import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit, Result } from "effect"
import { type SqlClient, Statement } from "effect/sql"
import { OrderRefused } from "../../../src/domain/orders/OrderChange.ts"
import type { BeforeCommitHook } from "../../../src/ports/BeforeCommit.ts"
import { proxyTo } from "../../outage/Proxy.ts"
import {
  atOnce,
  newCustomer,
  openShop,
  product,
  race,
  type ShopSettings,
  type TestShop,
  times,
  unitsOf
} from "../support.ts"

/** The host's own table about orders. */
const createRows = ({ sql }: TestShop) => sql`
  CREATE TABLE host_rows (
    order_id uuid REFERENCES commerce.orders (id), event text, note text CHECK (note <> 'forbidden'),
    PRIMARY KEY (order_id, event)
  )`

/** Writes a row for each change with one statement. Refuses orders by their metadata. */
const writeRows =
  (sql: SqlClient.SqlClient): BeforeCommitHook =>
  (changes) =>
    Effect.gen(function* () {
      const ids = changes.map(({ order }) => order.id)
      const events = changes.map(({ event }) => event.event)
      const notes = changes.map(({ order }) => order.metadata.note ?? "")
      yield* sql`
        INSERT INTO host_rows
        SELECT * FROM unnest(${ids}::uuid[], ${events}::text[], ${notes}::text[])`
      return changes
        .filter(({ order }) => order.metadata.note === "refused")
        .map(({ order }) => new OrderRefused({ orderId: order.id, reason: "The host says no" }))
    })

/** Every event has a row of the host, and the other way around. */
const rowsAgree = ({ sql }: TestShop) =>
  Effect.map(
    sql`
      SELECT order_id, event FROM commerce.order_events FULL JOIN host_rows USING (order_id, event)
      WHERE order_events.order_id IS NULL OR host_rows.order_id IS NULL`,
    (rows) => assert.deepStrictEqual(rows, [])
  )

describe("a hook in the transaction of a change", () => {
  race(
    "writes the rows of the host with the orders of a batch; it refuses some, and a constraint of its table fails for others [H5] [H6] [H7]",
    (shop) =>
      Effect.gen(function* () {
        yield* createRows(shop)
        const { id: productId } = yield* product(shop, 1000)
        const notes = times(500).map((n) => (n % 7 === 0 ? "refused" : n % 50 === 1 ? "forbidden" : "fine"))
        const exits = yield* Effect.forEach(
          notes,
          (note) =>
            Effect.exit(
              shop.orders.place({
                customerId: newCustomer(),
                items: [{ productId, quantity: 1 }],
                metadata: { note }
              })
            ),
          { concurrency: "unbounded" }
        )
        const answers = exits.map((exit) => {
          if (Exit.isSuccess(exit)) return "fine"
          const error = Cause.squash(exit.cause)
          if (error instanceof OrderRefused) return "refused"
          return error instanceof Error && error.name === "BeforeCommitFailed"
            ? "forbidden"
            : Cause.pretty(exit.cause)
        })
        assert.deepStrictEqual(answers, notes)
        yield* rowsAgree(shop)
      }),
    { beforeCommit: writeRows }
  )

  race(
    "costs a batch five statements with its own, however many orders it has; without it an order takes two",
    (shop) =>
      Effect.gen(function* () {
        yield* createRows(shop)
        const { id: productId } = yield* product(shop, 1000)
        const sent: Array<string> = []
        const open = (settings: ShopSettings) =>
          Effect.provideService(openShop(shop.url, settings), Statement.CurrentTransformer, (statement) =>
            Effect.sync(() => {
              sent.push(statement.compile()[0])
              return statement
            })
          )
        const order = () => ({ customerId: newCustomer(), items: [{ productId, quantity: 1 }] })
        const plain = yield* open({})
        yield* plain.orders.place(order())
        assert.lengthOf(sent.splice(0), 2)
        yield* shop.sql`
          INSERT INTO host_rows SELECT order_id, event, '' FROM commerce.order_events`
        const hooked = yield* open({ beforeCommit: writeRows })
        yield* hooked.orders.place(order())
        assert.lengthOf(sent.splice(0), 5)
        yield* atOnce(times(300).map(() => hooked.orders.place(order())))
        assert.isAtMost(sent.length, 5 * 40)
        yield* rowsAgree(shop)
      })
  )

  for (const fate of ["answer is lost", "is lost"] as const) {
    race(`has its rows with the orders if the COMMIT ${fate} [H5]`, (shop) =>
      Effect.gen(function* () {
        yield* createRows(shop)
        const { id: productId } = yield* product(shop, 100)
        const proxy = yield* proxyTo(shop.url)
        const far = yield* openShop(proxy.url, { limits: { retryWindow: 60_000 }, beforeCommit: writeRows })
        proxy.fates(fate, fate)
        const placed = yield* atOnce(
          times(10).map(() =>
            far.orders.place({ customerId: newCustomer(), items: [{ productId, quantity: 1 }] })
          )
        )
        assert.deepStrictEqual(placed.filter(Result.isFailure), [])
        yield* rowsAgree(shop)
        assert.strictEqual(yield* unitsOf(shop, { id: productId }), 90)
      })
    )
  }

  race(
    "that hangs is ended, and nothing of its order is stored [H7]",
    (shop) =>
      Effect.gen(function* () {
        const { id: productId } = yield* product(shop, 10)
        const order = { customerId: newCustomer(), items: [{ productId, quantity: 1 }] }
        const error = yield* Effect.flip(shop.orders.place(order))
        assert.deepInclude(error, { _tag: "StoreUnavailable", outcome: "notApplied" })
        assert.strictEqual(yield* unitsOf(shop, { id: productId }), 10)
      }),
    {
      beforeCommit: () => () => Effect.never,
      limits: { transactionTimeout: 500, deadlineCheckInterval: 100 }
    }
  )

  const unpaid = Effect.fnUntraced(function* (shop: TestShop) {
    const { id: productId } = yield* product(shop, 10)
    return yield* shop.orders.place({ customerId: newCustomer(), items: [{ productId, quantity: 1 }] })
  })

  const refusing = new Set<string>()
  const refusesEvents = (): BeforeCommitHook => (changes) =>
    Effect.succeed(
      changes
        .filter(({ event, order }) => refusing.has(event.event) && order.metadata.kept !== "no")
        .map(({ order }) => new OrderRefused({ orderId: order.id, reason: "Not now" }))
    )

  race(
    "that refuses what a gateway has answered leaves the payment pending, until a recovery finds it willing [H6]",
    (shop) =>
      Effect.gen(function* () {
        const order = yield* unpaid(shop)
        refusing.add("paid")
        const paid = yield* shop.payments.pay({ orderId: order.id, paymentMethod: "sim_approve" })
        assert.strictEqual(paid.status, "PENDING")
        yield* Effect.sleep("20 millis")
        assert.deepStrictEqual(yield* shop.payments.recover, [])
        assert.strictEqual((yield* shop.orders.get(order.id)).status, "CREATED")
        const error = yield* Effect.flip(
          shop.payments.recordOutcome({ paymentId: paid.id, outcome: "APPROVED" })
        )
        assert.strictEqual(error._tag, "OrderRefused")
        refusing.clear()
        yield* Effect.sleep("50 millis")
        const [settled] = yield* shop.payments.recover
        assert.deepInclude(settled, { id: paid.id, status: "APPROVED" })
        assert.strictEqual((yield* shop.orders.get(order.id)).status, "PAID")
      }),
    { beforeCommit: refusesEvents, gatewayTimeout: "10 millis" }
  )

  const failing = new Set<string>()
  const failsAt = (): BeforeCommitHook => (changes) =>
    changes.some(({ event }) => failing.has(event.event))
      ? Effect.die(new Error("A bug of the host"))
      : Effect.succeed([])

  race(
    "that fails on what a gateway has answered leaves the payment pending, until a recovery finds it working [H6]",
    (shop) =>
      Effect.gen(function* () {
        const order = yield* unpaid(shop)
        failing.add("paid")
        const paid = yield* shop.payments.pay({ orderId: order.id, paymentMethod: "sim_approve" })
        assert.strictEqual(paid.status, "PENDING")
        yield* Effect.sleep("20 millis")
        assert.deepStrictEqual(yield* shop.payments.recover, [])
        failing.clear()
        yield* Effect.sleep("50 millis")
        const [settled] = yield* shop.payments.recover
        assert.deepInclude(settled, { id: paid.id, status: "APPROVED" })
        failing.add("refunded")
        const refund = yield* shop.payments.refund(order.id, { amount: paid.amount })
        assert.strictEqual(refund.status, "PENDING")
        failing.clear()
        yield* Effect.sleep("50 millis")
        yield* shop.payments.recover
        const [refunded] = yield* shop.payments.operations(order.id)
        assert.strictEqual(refunded?.status, "APPROVED")
      }),
    { beforeCommit: failsAt, gatewayTimeout: "10 millis" }
  )

  race(
    "keeps 110 orders from expiring, and none of those after them; the sweep ends [H6]",
    (shop) =>
      Effect.gen(function* () {
        const { id: productId } = yield* product(shop, 200)
        const place = (kept: string) =>
          shop.orders.place({
            customerId: newCustomer(),
            items: [{ productId, quantity: 1 }],
            metadata: { kept }
          })
        yield* atOnce(times(110).map(() => place("yes")))
        yield* Effect.sleep("20 millis")
        yield* atOnce(times(15).map(() => place("no")))
        yield* Effect.sleep("20 millis")
        refusing.add("expired")
        assert.strictEqual(yield* shop.orders.expireUnpaid("1 milli"), 15)
        assert.strictEqual(yield* shop.orders.expireUnpaid("1 milli"), 0)
        refusing.clear()
        assert.strictEqual(yield* shop.orders.expireUnpaid("1 milli"), 110)
      }),
    { beforeCommit: refusesEvents }
  )
})
