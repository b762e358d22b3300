import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { defineStages } from "../../../src/domain/fulfilment/Stage.ts"
import { expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { books, historyOf, newOrder, newProduct, orderIn, pay, productNow, seen } from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Order, Page } from "../support/Types.ts"

const stages = defineStages({
  PAID: {
    first: "new",
    moves: { new: ["picked"], picked: ["packed", "new"], packed: [] },
    leaves: ["packed"]
  },
  SHIPPED: { first: "on its way", moves: { "on its way": ["at the door"], "at the door": [] } }
})

suite(
  "Stages of an order over HTTP",
  (shop) => {
    const { admin } = shop
    const move = ({ id }: { readonly id: string }, stage: string) =>
      ok(admin.put<Order>(`/orders/${id}/stage`, { stage }))

    test("an order enters the first stage of its status, and moves as declared", async () => {
      const customer = await shop.newCustomer()
      const mug = await newProduct(shop)
      const order = await newOrder(customer, [mug, 1])
      expect(order).not.toHaveProperty("stage")
      await pay(customer, order)
      const paid = await seen(shop, order)
      expect(paid.stage).toBe("new")
      await move(order, "picked")
      const packed = await move(order, "packed")
      expect(packed).toEqual({ ...paid, stage: "packed", version: 4, updatedAt: packed.updatedAt })
      expect(await seen(shop, order)).toEqual(packed)
      const shipped = await ok(admin.patch<Order>(`/orders/${order.id}`, { status: "SHIPPED" }))
      expect([shipped.status, shipped.stage]).toEqual(["SHIPPED", "on its way"])
      const history = await historyOf(shop, order)
      expect(history.map(({ event, from, to, stage }) => [event, from, to, stage])).toEqual([
        ["placed", null, "CREATED", undefined],
        ["paid", "CREATED", "PAID", undefined],
        ["stage-changed", "PAID", "PAID", "picked"],
        ["stage-changed", "PAID", "PAID", "packed"],
        ["shipped", "PAID", "SHIPPED", undefined]
      ])
      expect((await productNow(shop, mug)).stock).toBe(9)
    })

    test.each([
      ["a word of another status", "at the door"],
      ["a move that is not declared", "packed"],
      ["the stage that it is in", "new"],
      ["an unknown word", "lost"]
    ])("%s is refused", async (_, stage) => {
      const customer = await shop.newCustomer()
      const mug = await newProduct(shop)
      const { id } = await orderIn("PAID", shop, customer, [mug, 1])
      const before = await books(shop, customer, mug)
      const refused = await admin.put(`/orders/${id}/stage`, { stage })
      expectProblem(refused, 409, "illegal-stage", { orderId: id, from: "new", to: stage })
      expect(await books(shop, customer, mug)).toEqual(before)
    })

    test("an order of a status without stages has none to move to", async () => {
      const order = await newOrder(await shop.newCustomer(), [await newProduct(shop), 1])
      const refused = await admin.put(`/orders/${order.id}/stage`, { stage: "new" })
      expectProblem(refused, 409, "illegal-stage", { orderId: order.id, to: "new" })
      for (const stage of ["", " ", null, "x".repeat(101)]) {
        expectFaults(await admin.put(`/orders/${order.id}/stage`, { stage }), "/stage")
      }
    })

    test("an order is shipped, as a whole or in parts, only from a stage that may be left", async () => {
      const customer = await shop.newCustomer()
      const mug = await newProduct(shop)
      const order = await orderIn("PAID", shop, customer, [mug, 2])
      const before = await books(shop, customer, mug)
      const part = { items: [{ productId: mug.id, quantity: 1 }] }
      for (const answer of [
        await admin.patch(`/orders/${order.id}`, { status: "SHIPPED" }),
        await admin.post(`/orders/${order.id}/shipments`, {}),
        await admin.post(`/orders/${order.id}/shipments`, part)
      ]) {
        expectProblem(answer, 409, "illegal-stage", { from: "new", to: "SHIPPED" })
      }
      expect(await books(shop, customer, mug)).toEqual(before)
      const cancelled = await ok(admin.post<Order>(`/orders/${order.id}/cancellations`, part))
      expect([cancelled.status, cancelled.stage]).toEqual(["PAID", "new"])
    })

    test("a move is done once per key", async () => {
      const order = await orderIn("PAID", shop, await shop.newCustomer(), [await newProduct(shop), 1])
      const key = { "idempotency-key": randomUUID() }
      const first = await ok(admin.put<Order>(`/orders/${order.id}/stage`, { stage: "picked" }, key))
      await move(order, "new")
      const again = await admin.put(`/orders/${order.id}/stage`, { stage: "picked" }, key)
      expect([again.status, again.headers.get("idempotent-replayed"), again.body]).toEqual([
        200,
        "true",
        first
      ])
      const reused = await admin.put(`/orders/${order.id}/stage`, { stage: "packed" }, key)
      expectProblem(reused, 422, "idempotency-key-reused")
      expect((await seen(shop, order)).stage).toBe("new")
    })

    test("orders are listed by stage, moved or not, across pages", async () => {
      const customer = await shop.newCustomer()
      const mug = await newProduct(shop, { stock: 20 })
      const made: Array<Order> = []
      for (const path of [[], ["picked"], ["picked", "new"], ["picked"], []]) {
        const order = await orderIn("PAID", shop, customer, [mug, 1])
        for (const stage of path) await move(order, stage)
        made.push(await seen(shop, order))
      }
      await newOrder(customer, [mug, 1])
      const listed = async (stage: string) => {
        const query = `/orders?customerId=${customer.id}&stage=${encodeURIComponent(stage)}&limit=2`
        const found: Array<Order> = []
        for (let cursor = ""; ; ) {
          const { items, nextCursor } = await ok(admin.get<Page<Order>>(`${query}${cursor}`))
          found.push(...items)
          if (nextCursor === null) return found
          cursor = `&cursor=${nextCursor}`
        }
      }
      for (const stage of ["new", "picked", "packed", "on its way", "lost"]) {
        expect(await listed(stage)).toEqual(made.filter((order) => order.stage === stage).reverse())
      }
      expectFaults(await admin.get("/orders?stage="), "/stage")
    })
  },
  { stages }
)
