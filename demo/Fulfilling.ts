/** One order is paid, shipped and completed; the payment of the other is declined. Then the books are read. */
import { check, heading } from "./Narrator.ts"
import type { Shop } from "./Opening.ts"
import { stockOf } from "./Selling.ts"
import type { Order, OrderEvent, Page, Payment, Problem, Summary } from "./Shop.ts"
import { euros, history, payment, problem, status } from "./Show.ts"

const pay = async ({ ada }: Shop, { id }: Order, paymentMethod: string) => {
  const request = { body: { paymentMethod }, status: 201, show: payment }
  return (await ada<Payment>("POST", `/orders/${id}/payments`, request)).orderStatus
}

const deliver = async (shop: Shop, order: Order) => {
  const { admin, ada } = shop
  const path = `/orders/${order.id}`
  const advance = async (to: "SHIPPED" | "COMPLETED") =>
    (await admin<Order>("PATCH", path, { body: { status: to }, status: 200, show: status })).status

  heading("Ada pays for the first order, and the admin sends it")
  check("the order is paid", await pay(shop, order, "sim_approve"), "PAID")
  const again = { body: { paymentMethod: "sim_approve" }, status: 409, show: problem }
  const twice = await ada<Problem>("POST", `${path}/payments`, again)
  check("an order is not paid twice", twice.code, "order-not-payable")
  check("it is on its way", await advance("SHIPPED"), "SHIPPED")
  check("it has arrived", await advance("COMPLETED"), "COMPLETED")
  const back = { body: { status: "SHIPPED" }, status: 409, show: problem }
  const refusal = await admin<Problem>("PATCH", path, back)
  check("there is no way back", refusal.code, "illegal-transition")
}

const fail = async (shop: Shop, order: Order) => {
  heading("The payment of the second order is declined")
  check("the order has failed", await pay(shop, order, "sim_decline"), "FAILED")
  check("its two Moka pots are for sale again", await stockOf(shop, shop.pot), 2)
}

const look = async ({ admin, ada }: Shop, orders: { readonly first: Order; readonly second: Order }) => {
  const eventsOf = async ({ id }: Order) => {
    const { items } = await ada<Page<OrderEvent>>("GET", `/orders/${id}/history`, {
      status: 200,
      show: history
    })
    return items.map(({ event }) => event)
  }

  heading("Each order has a history")
  const delivered = await eventsOf(orders.first)
  check("the first one was delivered", delivered, ["placed", "paid", "shipped", "completed"])
  check("the second one was not paid", await eventsOf(orders.second), ["placed", "declined"])

  heading("The admin reads the analytics")
  const show = (summary: Summary) => summary
  const summary = await admin<Summary>("GET", "/analytics/summary", { status: 200, show })
  check("there were two orders", summary.orders, 2)
  const { COMPLETED, FAILED } = summary.ordersByStatus
  check("one is completed and one has failed", { COMPLETED, FAILED }, { COMPLETED: 1, FAILED: 1 })
  check("the revenue is what was paid, at the old price", summary.revenue, [euros(6900)])
}

export const fulfil = async (shop: Shop, orders: { readonly first: Order; readonly second: Order }) => {
  await deliver(shop, orders.first)
  await fail(shop, orders.second)
  await look(shop, orders)
}
