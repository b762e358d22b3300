import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import type { Caller } from "../support/Caller.ts"
import { created, expectFaults, expectProblem, expectStatus, ok } from "../support/Expect.ts"
import {
  advance,
  books,
  items,
  newCategory,
  newOrder,
  newProduct,
  pay,
  paymentsOf,
  productNow,
  usd
} from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Order, Page, Payment, Product } from "../support/Types.ts"

const withKey = (key: string = randomUUID()) => ({ "idempotency-key": key })
const replayed = ({ headers }: { readonly headers: Headers }) => headers.get("idempotent-replayed")

suite("Idempotency keys over HTTP", (shop) => {
  const { admin } = shop

  test("an order asked for again is answered as it was placed, and placed once", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const key = withKey()
    const first = await customer.post<Order>("/orders", items([mug, 2]), key)
    expect([first.status, replayed(first)]).toEqual([201, null])
    await pay(customer, first.body)
    await advance(shop, first.body, "SHIPPED")
    await ok(admin.patch(`/products/${mug.id}`, { price: usd(1), active: false }))
    const before = await books(shop, customer, mug)
    const again = await customer.post<Order>("/orders", items([mug, 2]), key)
    expect([again.status, replayed(again)]).toEqual([201, "true"])
    expect(again.body).toEqual(first.body)
    expect(again.headers.get("location")).toBe(first.headers.get("location"))
    expect(await books(shop, customer, mug)).toEqual(before)
  })

  test("the same request may be written differently", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const key = { ...withKey(), "content-type": "application/json; charset=utf-8" }
    const post = (body: string) => customer.send<Order>("POST", "/orders", { headers: key, body })
    const first = await post(
      `{"items":[{"productId":"${mug.id}","quantity":1}],"metadata":{"a":"1","b":"2"}}`
    )
    const again = await post(
      ` {"metadata": {"b":"2","a":"1"}, "items": [ {"quantity":1,"productId":"${mug.id.toUpperCase()}"} ]} `
    )
    expect([first.status, again.status, replayed(again)]).toEqual([201, 201, "true"])
    expect(again.body).toEqual(first.body)
  })

  test("another request under the same key is refused [I2]", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const key = randomUUID()
    await created(customer.post("/orders", items([mug, 1]), withKey(key)))
    const before = await books(shop, customer, mug)
    for (const other of [
      items([mug, 2]),
      { ...items([mug, 1]), metadata: { a: "b" } },
      { ...items([mug, 1]), expectedTotal: usd(1999) }
    ]) {
      expectProblem(await customer.post("/orders", other, withKey(key)), 422, "idempotency-key-reused", {
        key
      })
    }
    expect(await books(shop, customer, mug)).toEqual(before)
  })

  test("a key belongs to an account and to what is done with it", async () => {
    const [one, other] = [await shop.newCustomer(), await shop.newCustomer()]
    const mug = await newProduct(shop)
    const key = withKey()
    const first = await created(one.post<Order>("/orders", items([mug, 1]), key))
    const second = await other.post<Order>("/orders", items([mug, 2]), key)
    expect([second.status, replayed(second)]).toEqual([201, null])
    const payment = await one.post(`/orders/${first.id}/payments`, { paymentMethod: "sim_approve" }, key)
    expect([payment.status, replayed(payment)]).toEqual([201, null])
  })

  test("a refused request leaves its key free", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop, { stock: 1 })
    const key = withKey()
    const wish = items([mug, 3])
    expectProblem(await customer.post("/orders", wish, key), 409, "insufficient-stock")
    await ok(admin.post(`/products/${mug.id}/stock-adjustments`, { delta: 2 }))
    expect(replayed(await customer.post("/orders", wish, key))).toBeNull()
    expect(replayed(await customer.post("/orders", wish, key))).toBe("true")
    expect((await productNow(shop, mug)).stock).toBe(0)
  })

  test("of many equal requests at once, one places the order", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    const key = withKey()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => customer.post<Order>("/orders", items([mug, 1]), key))
    )
    const orders = answers.map((answer) => expectStatus(answer, 201))
    expect(new Set(orders.map(({ id }) => id)).size).toBe(1)
    expect(answers.filter((answer) => replayed(answer) === null).length).toBe(1)
    expect((await productNow(shop, mug)).stock).toBe(9)
  })

  test("a payment asked for again is answered with its present state, and charged once [I4]", async () => {
    const customer = await shop.newCustomer()
    const order = await newOrder(customer, [await newProduct(shop), 1])
    const key = withKey()
    const request = (method: string) =>
      customer.post<Payment>(`/orders/${order.id}/payments`, { paymentMethod: method }, key)
    const first = await request("sim_approve")
    expect([first.status, replayed(first)]).toEqual([201, null])
    await advance(shop, order, "SHIPPED")
    const again = await request("sim_approve")
    expect([again.status, replayed(again)]).toEqual([201, "true"])
    expect(again.body).toEqual({ ...first.body, orderStatus: "SHIPPED" })
    expectProblem(await request("sim_decline"), 422, "idempotency-key-reused")
    expect((await paymentsOf(shop, order)).length).toBe(1)
  })

  test("a product is made once", async () => {
    const { id: categoryId } = await newCategory(shop)
    const key = withKey()
    const wish = { categoryId, name: "Mug", price: usd(5), stock: 1, sku: randomUUID() }
    const first = await admin.post<Product>("/products", wish, key)
    const again = await admin.post<Product>("/products", wish, key)
    expect([first.status, replayed(first), again.status, replayed(again)]).toEqual([201, null, 201, "true"])
    expect(again.body.id).toBe(first.body.id)
    expectProblem(await admin.post("/products", { ...wish, stock: 2 }, key), 422, "idempotency-key-reused")
    const listed = await ok(admin.get<Page<Product>>(`/products?categoryId=${categoryId}`))
    expect(listed.items.length).toBe(1)
  })

  test("stock is adjusted once", async () => {
    const mug = await newProduct(shop, { stock: 1 })
    const key = withKey()
    const adjust = (caller: Caller, delta: number) =>
      caller.post<Product>(`/products/${mug.id}/stock-adjustments`, { delta, reason: "delivery" }, key)
    const [first, again] = [await adjust(admin, 5), await adjust(admin, 5)]
    expect([first.status, replayed(first), again.status, replayed(again)]).toEqual([200, null, 200, "true"])
    expectProblem(await adjust(admin, 6), 422, "idempotency-key-reused")
    expect((await productNow(shop, mug)).stock).toBe(6)
  })

  test("a key is 1 to 255 visible characters", async () => {
    const customer = await shop.newCustomer()
    const mug = await newProduct(shop)
    await created(customer.post("/orders", items([mug, 1]), withKey("x".repeat(255))))
    await created(customer.post("/orders", items([mug, 1]), withKey("!~'\"\\;%")))
    for (const key of ["", "x".repeat(256), "two words", "k\u00e9y"]) {
      expectFaults(await customer.post("/orders", items([mug, 1]), withKey(key)), "/idempotency-key")
    }
    expect((await productNow(shop, mug)).stock).toBe(8)
  })
})
