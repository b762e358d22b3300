import { isCommerceError, OrderNotFound } from "effect-commerce"
import type { Commerce } from "effect-commerce/promise"
import { Hono } from "hono"
import { type User, users } from "./users.ts"

/** The forum, with a shop in it. */
export const forum = (commerce: Commerce) => {
  const app = new Hono<{ Variables: { user: User } }>()

  app.all("/shop/*", (c) => commerce.handler(c.req.raw))

  app.use("/my/*", async (c, next) => {
    const user = users.get(c.req.header("Authorization")?.replace("Bearer ", "") ?? "")
    if (user === undefined) return c.json({ error: "Log in first" }, 401)
    c.set("user", user)
    return next()
  })

  app.post("/my/orders", async (c) => {
    const { id: customerId, name } = c.get("user")
    const { productId, quantity } = await c.req.json<{ productId: string; quantity: number }>()
    const order = await commerce.orders.place(
      { customerId, items: [{ productId, quantity }] },
      { actor: name }
    )
    const payment = await commerce.payments.pay(
      { orderId: order.id, paymentMethod: "sim_approve" },
      { actor: name }
    )
    return c.json({ id: order.id, total: order.total, status: payment.orderStatus }, 201)
  })

  app.get("/my/orders/:id", async (c) => {
    const order = await commerce.orders.get(c.req.param("id"))
    if (order.customerId !== c.get("user").id) throw new OrderNotFound({ orderId: order.id })
    return c.json({ id: order.id, total: order.total, status: order.status })
  })

  app.onError((error, c) => {
    if (isCommerceError(error) && error._tag === "InsufficientStock")
      return c.json({ error: error.message }, 409)
    if (isCommerceError(error) && error._tag === "OrderNotFound") return c.json({ error: error.message }, 404)
    throw error
  })

  return app
}
