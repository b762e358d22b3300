/** What must be true once all is back, of everything that anybody has asked for and was told. */
import { assert } from "@effect/vitest"
import { Effect, Equal, Schedule } from "effect"
import { must, type Order, type Payment, type Product } from "../race/Api.ts"
import { type Sent, send, usesOfVoucher, type Voucher, type Workload } from "./Workload.ts"

/** Asks again, with the same key, until there is an answer. */
const insist = (url: string, { asked }: Sent) =>
  Effect.flatMap(send(url, asked), (sent) =>
    sent.status === undefined ? Effect.fail("no answer yet" as const) : Effect.succeed(sent)
  ).pipe(Effect.retry(Schedule.spaced("100 millis")), Effect.timeout("1 minute"), Effect.orDie)

/** All orders of the customers of a market. */
const ordersOf = Effect.fnUntraced(function* (url: string, { customers }: Workload) {
  const orders: Array<Order> = []
  for (const token of customers) {
    let cursor = ""
    do {
      const path = `/orders?limit=100${cursor}`
      const page = yield* must<{ items: ReadonlyArray<Order>; nextCursor: string | null }>(200, url, {
        method: "GET",
        path,
        token
      })
      orders.push(...page.items)
      cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`
    } while (cursor !== "")
  }
  return orders
})

const paymentsOf = (url: string, { admin }: Workload, orderId: string) =>
  must<{ items: ReadonlyArray<Payment> }>(200, url, {
    method: "GET",
    path: `/orders/${orderId}/payments`,
    token: admin
  })

/**
 * All orders, the payments of some of them, and the stock of each product, as they were at one time. The server
 * itself settles what the crash has left pending, and must not do so between two of these questions.
 */
const stateOf = Effect.fnUntraced(function* (url: string, workload: Workload, pending: ReadonlySet<string>) {
  for (;;) {
    const orders = yield* ordersOf(url, workload)
    const payments = new Map<string, string | undefined>()
    for (const orderId of pending) {
      const { items } = yield* paymentsOf(url, workload, orderId)
      payments.set(orderId, items[0]?.status)
    }
    const stocks = new Map<string, number>()
    for (const { id } of workload.products) {
      const { stock } = yield* must<Product>(200, url, { method: "GET", path: `/products/${id}` })
      stocks.set(id, stock)
    }
    const { usesLeft } = yield* must<Voucher>(200, url, {
      method: "GET",
      path: `/vouchers/${workload.voucher.id}`,
      token: workload.admin
    })
    const later = yield* ordersOf(url, workload)
    if (Equal.equals(statusesOf(orders), statusesOf(later))) return { orders, payments, stocks, usesLeft }
  }
})

const statusesOf = (orders: ReadonlyArray<Order>) => orders.map(({ id, status }) => `${id} ${status}`)

const isOrder = ({ asked }: Sent) => asked.path === "/orders"
const isPayment = ({ asked }: Sent) => asked.path.endsWith("/payments")
const isAdjustment = ({ asked }: Sent) => asked.path.endsWith("/stock-adjustments")
const isStep = ({ asked }: Sent) => asked.method === "PATCH"

const deltaOf = ({ asked }: Sent) => (asked.body as { readonly delta: number }).delta

/** Whoever was told something finds it so, and is told the same again. */
const keepsItsWord = (sent: Sent, again: Sent) => {
  if (sent.status !== 200 && sent.status !== 201) return
  const what = `${sent.asked.path}: ${JSON.stringify([sent.body, again.body])}`
  assert.isTrue(again.replayed, what)
  assert.strictEqual(again.body.id, sent.body.id, what)
  if (isOrder(sent) || isAdjustment(sent)) assert.deepStrictEqual(again.body, sent.body, what)
  if (isPayment(sent) && sent.body.status !== "PENDING")
    assert.strictEqual(again.body.status, sent.body.status)
}

/** Where an order must be, at least, by what was said of its payment and of its shipping. */
const statusesAfter = (payment: string | undefined, shipped: boolean): ReadonlyArray<string> => {
  if (shipped) return ["SHIPPED"]
  if (payment === "APPROVED") return ["PAID", "SHIPPED"]
  return payment === "DECLINED" ? ["FAILED"] : ["CREATED"]
}

const unitsHeld = (orders: ReadonlyArray<Order>, productId: string) =>
  orders
    .filter(({ status }) => status !== "FAILED")
    .flatMap(({ items }) => items)
    .reduce((units, item) => units + (item.productId === productId ? item.quantity : 0), 0)

export const settleUp = Effect.fnUntraced(function* (
  url: string,
  workload: Workload,
  log: ReadonlyArray<Sent>
) {
  const keyed = log.filter(({ asked }) => asked.key !== undefined)
  const again = yield* Effect.forEach(keyed, (sent) => insist(url, sent), { concurrency: 8 })
  for (const [n, sent] of keyed.entries()) {
    const answer = again[n] ?? assert.fail()
    assert.include([200, 201, 409], answer.status, JSON.stringify(answer))
    keepsItsWord(sent, answer)
  }

  const told = new Map(again.filter(isPayment).map(({ body }) => [body.orderId, body.status]))
  const pending = new Set(
    [...told].flatMap(([orderId, status]) => (status === "PENDING" && orderId !== undefined ? [orderId] : []))
  )
  const { orders, payments, stocks, usesLeft } = yield* stateOf(url, workload, pending)
  const placed = again.filter(isOrder).map(({ body }) => body.id)
  assert.sameMembers(
    orders.map(({ id }): string | undefined => id),
    placed,
    "those, and no others"
  )

  const shipped = new Set(
    log.filter((sent) => isStep(sent) && sent.status === 200).map(({ body }) => body.id)
  )
  for (const { id, status } of orders) {
    const payment = payments.get(id) ?? told.get(id)
    // A step whose answer was lost may have been made.
    assert.include(statusesAfter(payment, shipped.has(id)), status, `order ${id}, payment ${payment}`)
  }

  for (const { id, stock: opening } of workload.products) {
    const adjusted = again
      .filter((sent) => isAdjustment(sent) && sent.status === 200 && sent.body.id === id)
      .reduce((sum, sent) => sum + deltaOf(sent), 0)
    assert.strictEqual(stocks.get(id), opening + adjusted - unitsHeld(orders, id), "no unit is lost")
  }
  const redeemed = orders.filter(
    ({ status, adjustments = [] }) =>
      status !== "FAILED" && adjustments.some(({ voucherId }) => voucherId === workload.voucher.id)
  )
  assert.strictEqual(usesLeft, usesOfVoucher - redeemed.length, "no use is lost")
  return {
    requests: log.length,
    told: log.filter((sent) => isOrder(sent) && sent.status === 201).length,
    unanswered: log.filter(({ status }) => status === undefined).length,
    hadHappened: again.filter((sent, n) => keyed[n]?.status === undefined && sent.replayed).length,
    pending: again.filter((sent) => isPayment(sent) && sent.body.status === "PENDING").length
  }
})

export type CrashReport = Effect.Success<ReturnType<typeof settleUp>>
