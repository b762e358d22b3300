/** Customers who place, pay and list orders, and remember what they were told. */
import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { type Answer, type Exchange, jsonOf, type Sent } from "./Exchange.ts"

export interface Order {
  readonly id: string
  readonly status: string
  readonly total: { readonly amount: number }
}

/** What a customer was told of an order. */
export interface Told {
  readonly token: string
  readonly order: Order
  readonly isPaid: boolean
}

/** Asks until there is an answer that is no refusal for the moment. A request with a key has its effect once. */
const insist = async (ask: Exchange, path: string, sent: Sent, isOver: () => boolean): Promise<Answer> => {
  for (;;) {
    const answer = await ask(path, sent).catch(() => undefined)
    if (answer !== undefined && ![429, 503].includes(answer.status)) return answer
    if (isOver()) throw new Error(`No answer to ${path}`)
    await sleep(answer?.status === 429 ? 1000 * Number(answer.headers["retry-after"] ?? 1) : 200)
  }
}

/** One customer, until it is over. Returns what they were told. */
export const customer = async (
  ask: Exchange,
  token: string,
  productIds: ReadonlyArray<string>,
  isOver: () => boolean
): Promise<ReadonlyArray<Told>> => {
  const told: Array<Told> = []
  for (let n = 0; !isOver(); n++) {
    const productId = productIds[n % productIds.length]
    const body = { items: [{ productId, quantity: 1 + (n % 3) }] }
    const place = { method: "POST", token, key: randomUUID(), body }
    const order = jsonOf<Order>(await insist(ask, "/orders", place, () => false), 201)
    const isPaid = n % 4 !== 0
    if (isPaid) {
      const pay = { method: "POST", token, key: randomUUID(), body: { paymentMethod: "sim_approve" } }
      jsonOf(await insist(ask, `/orders/${order.id}/payments`, pay, () => false), 201)
    }
    told.push({ token, order, isPaid })
    jsonOf(await insist(ask, "/orders", { token }, () => false), 200)
    await sleep(300 + Math.random() * 300)
  }
  return told
}

const lostOf = async (ask: Exchange, { isPaid, order, token }: Told): Promise<ReadonlyArray<string>> => {
  const answer = await insist(ask, `/orders/${order.id}`, { token }, () => false)
  const found = answer.status === 200 ? (JSON.parse(answer.text) as Order) : undefined
  const expected = isPaid ? "PAID" : "CREATED"
  return found?.status === expected && found.total.amount === order.total.amount
    ? []
    : [`${order.id}: expected ${expected}, found ${answer.status} ${found?.status}`]
}

/** Returns what is not as the customers were told. All of them ask at once, since each has a limit of requests. */
export const lost = async (ask: Exchange, told: ReadonlyArray<Told>): Promise<ReadonlyArray<string>> => {
  const customers = Object.values(Object.groupBy(told, ({ token }) => token))
  const faults = await Promise.all(
    customers.map(async (orders = []) => {
      const found: Array<string> = []
      for (const one of orders) found.push(...(await lostOf(ask, one)))
      return found
    })
  )
  return faults.flat()
}
