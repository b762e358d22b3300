import { beforeAll, describe, expect, test } from "vitest"
import { expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { newCategory, newOrder, newProduct, orderIn, pay, usd } from "../support/Given.ts"
import { byCodePoints, pagesOf } from "../support/Pages.ts"
import { type Customer, suite } from "../support/Shop.ts"
import type { Category, Order, Page } from "../support/Types.ts"

const nowhere = "01890000-0000-7000-8000-000000000000"

suite("Listings of orders and categories over HTTP", (shop) => {
  const { nobody, admin } = shop

  describe("of orders", () => {
    let customer: Customer
    let orders: ReadonlyArray<Order>
    beforeAll(async () => {
      customer = await shop.newCustomer()
      const mug = await newProduct(shop, { price: usd(1), stock: 100 })
      for (const status of ["CREATED", "FAILED", "PAID", "CREATED", "COMPLETED", "CREATED"] as const) {
        await orderIn(status, shop, customer, [mug, 1])
      }
      orders = (await ok(customer.get<Page<Order>>("/orders?limit=100"))).items
    })

    test.each([1, 2, 6])("the newest first, %d to a page", async (limit) => {
      expect((await pagesOf<Order>(customer, "/orders", {}, limit)).flat()).toEqual(orders)
      expect(orders).toEqual([...orders].sort((a, b) => byCodePoints(b.id, a.id)))
      const query = { customerId: customer.id, status: "CREATED" }
      const unpaid = (await pagesOf<Order>(admin, "/orders", query, limit)).flat()
      expect(unpaid).toEqual(orders.filter(({ status }) => status === "CREATED"))
    })

    test("a cursor is of no use with another filter, or to another customer", async () => {
      const { nextCursor } = await ok(customer.get<Page<Order>>("/orders?limit=1"))
      expectFaults(await customer.get(`/orders?status=PAID&cursor=${nextCursor}`), "/cursor")
      const other = await shop.newCustomer()
      expectFaults(await other.get(`/orders?cursor=${nextCursor}`), "/cursor")
      expectFaults(await admin.get(`/orders?cursor=${nextCursor}`), "/cursor")
    })

    test("an order that is placed between pages moves no other", async () => {
      const first = await ok(customer.get<Page<Order>>("/orders?limit=2"))
      await newOrder(customer, [await newProduct(shop), 1])
      const next = await ok(customer.get<Page<Order>>(`/orders?limit=2&cursor=${first.nextCursor}`))
      expect(next.items).toEqual(orders.slice(2, 4))
    })
  })

  test("a customer sees their own orders, an admin everybody's or one customer's", async () => {
    const [one, other] = [await shop.newCustomer(), await shop.newCustomer()]
    const mug = await newProduct(shop)
    const first = await newOrder(one, [mug, 1])
    const second = await newOrder(other, [mug, 1])
    const third = await newOrder(one, [mug, 1])
    const list = (who: typeof admin, query = "") => ok(who.get<Page<Order>>(`/orders${query}`))
    expect(await list(one)).toEqual({ items: [third, first], nextCursor: null })
    expect(await list(one, `?customerId=${one.id}`)).toEqual({ items: [third, first], nextCursor: null })
    expectProblem(await one.get(`/orders?customerId=${other.id}`), 403, "forbidden")
    expect((await list(admin, `?customerId=${other.id}`)).items).toEqual([second])
    expect((await list(admin, "?limit=3")).items).toEqual([third, second, first])
    expect((await list(admin, `?customerId=${nowhere}`)).items).toEqual([])
    await pay(one, first)
    expect((await list(one, "?status=PAID")).items.map(({ id }) => id)).toEqual([first.id])
    expect((await list(one, "?status=FAILED")).items).toEqual([])
  })

  test("categories come in the order they were made", async () => {
    const made: Array<Category> = []
    for (let n = 0; n < 5; n++) made.push(await newCategory(shop))
    const all = (await pagesOf<Category>(nobody, "/categories", {}, 2)).flat()
    expect(all.slice(-5)).toEqual(made)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })
})
