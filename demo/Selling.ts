/** Ada orders: the price is copied, the stock taken, and nothing happens twice. */
import { check, heading } from "./Narrator.ts"
import type { Shop } from "./Opening.ts"
import type { Order, Problem, Product } from "./Shop.ts"
import { euros, order, problem, product } from "./Show.ts"

export const stockOf = async ({ visitor }: Shop, { id }: Product) => {
  const show = ({ name, stock }: Product) => ({ name, stock })
  return (await visitor<Product>("GET", `/products/${id}`, { status: 200, show })).stock
}

const placeOnce = async (shop: Shop): Promise<Order> => {
  const { ada, beans, pot } = shop
  const items = [
    { productId: beans.id, quantity: 2 },
    { productId: pot.id, quantity: 1 }
  ]
  const body = { items, expectedTotal: euros(6900) }
  const request = { body, idempotencyKey: "cart-1", status: 201, show: order }

  heading("Ada places an order of two products")
  const first = await ada<Order>("POST", "/orders", request)
  check("the total is 2 × 18.50 € + 32.00 €", first.total, euros(6900))
  check("two bags are taken from the stock", await stockOf(shop, beans), 8)

  heading("The answer got lost, and Ada's phone sends the same request again")
  const again = await ada<Order>("POST", "/orders", { ...request, replayed: true })
  check("it is the same order", again, first)
  check("and nothing more is taken from the stock", await stockOf(shop, beans), 8)
  const reused = { ...request, body: { items: [items[0]] }, status: 422, show: problem }
  const refusal = await ada<Problem>("POST", "/orders", reused)
  check("the key is of no use for another order", refusal.code, "idempotency-key-reused")
  return first
}

const reprice = async ({ admin, ada, beans }: Shop, placed: Order) => {
  heading("The price of the beans goes up")
  const body = { price: euros(2000) }
  await admin<Product>("PATCH", `/products/${beans.id}`, { body, status: 200, show: product })
  const old = await ada<Order>("GET", `/orders/${placed.id}`, { status: 200, show: order })
  check("the order that was placed before does not change", old, placed)
  const items = [{ productId: beans.id, quantity: 2 }]
  const stale = { body: { items, expectedTotal: euros(3700) }, status: 409, show: problem }
  const refusal = await ada<Problem>("POST", "/orders", stale)
  check("who still expects the old price is told before they buy", refusal.code, "price-changed")
}

const sellOut = async (shop: Shop): Promise<Order> => {
  const { ada, pot } = shop
  const items = (quantity: number) => ({ items: [{ productId: pot.id, quantity }] })

  heading("Ada wants more Moka pots than there are")
  const tooMany = {
    body: items(3),
    status: 409,
    show: ({ code, shortages }: Problem) => ({ code, shortages })
  }
  const refusal = await ada<Problem>("POST", "/orders", tooMany)
  check("nothing is sold that is not there", refusal.code, "insufficient-stock")
  const rest = await ada<Order>("POST", "/orders", { body: items(2), status: 201, show: order })
  check("the last two are hers", await stockOf(shop, pot), 0)
  return rest
}

/** Two orders that wait for their payment. */
export const sell = async (shop: Shop) => {
  const first = await placeOnce(shop)
  await reprice(shop, first)
  return { first, second: await sellOut(shop) }
}
