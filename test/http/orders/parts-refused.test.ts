import { expect, test } from "vitest"
import { expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { books, items, newProduct, orderIn } from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Order } from "../support/Types.ts"

suite("Requests about parts of an order that are no requests", (shop) => {
  const { admin } = shop

  test("are refused where they are wrong, and change nothing", async () => {
    const mug = await newProduct(shop)
    const customer = await shop.newCustomer()
    const order = await orderIn("SHIPPED", shop, customer, [mug, 2])
    const before = await books(shop, customer, mug)
    const one = { productId: mug.id, quantity: 1 }
    const post = (path: string, body?: unknown) => admin.post(`/orders/${order.id}/${path}`, body)
    for (const path of ["shipments", "cancellations", "returns"]) {
      for (const body of [undefined, null, [], "all"]) expectFaults(await post(path, body), "")
      expectFaults(await post(path, { items: [] }), "/items")
      expectFaults(await post(path, items([mug, 0])), "/items/0/quantity")
      expectFaults(await post(path, items([mug, 1_000_001])), "/items/0/quantity")
      expectFaults(await post(path, { items: [one], actor: "somebody" }), "/actor")
    }
    for (const path of ["cancellations", "returns"]) {
      expectFaults(await post(path, { fees: [], reason: "" }), "/fees", "/reason")
    }
    expectFaults(
      await post("shipments", { carrier: "x".repeat(101), trackingCode: "" }),
      "/carrier",
      "/trackingCode"
    )
    expectFaults(await post("cancellations", { onlyUnpaid: false }), "/onlyUnpaid")
    expectFaults(await post("returns", {}), "")
    expectFaults(await post("returns", { items: [{ ...one, restock: 2 }] }), "/items/0")
    expect(await books(shop, customer, mug)).toEqual(before)
  })

  test("a key of a shipment of some items is refused for one of all", async () => {
    const mug = await newProduct(shop)
    const { id } = await orderIn("PAID", shop, await shop.newCustomer(), [mug, 3])
    const key = { "idempotency-key": crypto.randomUUID() }
    const ship = (body: object) => admin.post<Order>(`/orders/${id}/shipments`, body, key)
    expect((await ok(ship(items([mug, 1])))).status).toBe("PAID")
    expectProblem(await ship({}), 422, "idempotency-key-reused")
  })
})
