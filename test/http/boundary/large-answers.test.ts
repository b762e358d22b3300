import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { OrderKey } from "../../../src/domain/orders/OrderListing.ts"
import { keyset, type Page } from "../../../src/domain/shared/Page.ts"
import { pageBudget, partOf, sizeAtMost, withinBytes } from "../../../src/http/boundary/BoundedPage.ts"
import type { Answer } from "../support/Caller.ts"
import { endpoints } from "../support/Endpoints.ts"
import { created, expectFaults, ok } from "../support/Expect.ts"
import { historyOf, items, newCategory, newOrder, newProduct } from "../support/Given.ts"
import { suite, type TestShop } from "../support/Shop.ts"
import type { Items, Order, OrderEvent, Product, Page as WirePage } from "../support/Types.ts"

/** The widest character: four bytes. */
const wide = (length: number) => "😀".repeat(length)

/** What an answer has besides its items. */
const frame = 1000

/** A product may have 10,000 characters of description, besides its name and SKU. */
const largestProduct = 4 * (10_000 + 200 + 64) + 1000

/** An order has at most 100 items and 50 adjustments, and 4 KiB of metadata. */
const largestOrder = 100 * (4 * (200 + 64) + 300) + 50 * (4 * 300 + 100 * 16 + 300) + 5000

/**
 * Every answer with a list, and what bounds it. `page`: ends early by its size. `part`: the whole list, which ends early only by its size.
 * A number: the largest answer in bytes that its schema allows, so that it needs no cursor.
 */
const lists: Readonly<Record<string, "page" | "part" | number | string>> = {
  "GET /accounts": 100 * (4 * 254 + 300),
  "GET /service-tokens": 100 * (4 * 100 + 300),
  "GET /feed": "part",
  "GET /categories": "page",
  "GET /products": "page",
  "GET /orders": "page",
  "GET /vouchers": "page",
  "GET /orders/{id}/history": "part",
  "GET /orders/{id}/payments": "part",
  "GET /orders/{id}/refunds": "part",
  "GET /orders/{id}/payment-operations": "part",
  "GET /analytics/top-products": 100 * (4 * 264 + 500),
  "GET /analytics/summary": "six statuses and the currencies that the shop has, for admins",
  "GET /analytics/sales": "3,660 intervals and the currencies that the shop has, for admins"
}

const isList = (shape: object): boolean =>
  Array.isArray(shape) || (typeof shape === "object" && Object.values(shape).some(Array.isArray))

const sizeOf = ({ text }: Answer) => Buffer.byteLength(text)

/** All answers of a list from the first to the last. */
const walk = async <A>(ask: (cursor: string) => Promise<Answer<WirePage<A>>>) => {
  const answers: Array<Answer<WirePage<A>>> = []
  let cursor: string | null | undefined
  do {
    const answer = await ask(cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor ?? "")}`)
    await ok(Promise.resolve(answer))
    answers.push(answer)
    cursor = answer.body.nextCursor
  } while (cursor !== null && cursor !== undefined)
  return answers
}

const bigProducts = async (shop: TestShop, count: number) => {
  const { id: categoryId } = await newCategory(shop)
  const made: Array<Product> = []
  for (let n = 0; n < count; n++) {
    made.push(
      await created(
        shop.admin.post<Product>("/products", {
          categoryId,
          name: wide(200),
          sku: `${n} ${wide(58)}`,
          description: null,
          price: { amount: 10 ** 12, currency: "USD" },
          stock: 10 ** 12
        })
      )
    )
  }
  return made
}

describe("The answers with lists", () => {
  test("are all bounded, each for a reason", () => {
    const found = Object.entries(endpoints)
      .filter(([call, { body }]) => call.startsWith("GET") && isList(body) && !call.endsWith("{id}"))
      .map(([call]) => call)
    expect(Object.keys(lists).sort()).toEqual(found.sort())
    for (const bound of Object.values(lists)) {
      if (typeof bound === "number") expect(bound).toBeLessThan(pageBudget)
    }
  })

  test("exceed the size of an answer only by one item, which is not large", () => {
    expect(largestProduct).toBeLessThan(pageBudget)
    expect(largestOrder).toBeLessThan(1.5 * pageBudget)
  })
})

suite("Large pages", (shop) => {
  test("of orders with 100 items end early, and lose nothing", async () => {
    const products = await bigProducts(shop, 100)
    const ada = await shop.newCustomer()
    const placed: Array<Order> = []
    for (let n = 0; n < 12; n++) {
      placed.unshift(await newOrder(ada, ...products.map((product) => [product, 1] as const)))
    }
    for (const limit of ["limit=100", "limit=20", "limit=3", "limit=1", ""]) {
      const answers = await walk<Order>((cursor) => ada.get(`/orders?${limit}${cursor}`))
      for (const answer of answers) {
        expect(answer.body.items.length).toBeGreaterThan(0)
        expect(sizeOf(answer)).toBeLessThan(Math.max(pageBudget, largestOrder) + frame)
      }
      expect(answers.flatMap(({ body }) => body.items)).toEqual(placed)
    }
  })

  test("of products with long descriptions end early, in every order, and lose nothing", async () => {
    const { id: categoryId } = await newCategory(shop)
    const names: Array<string> = []
    for (let n = 0; n < 30; n++) {
      const product = { categoryId, description: wide(6000), price: { amount: n, currency: "USD" }, stock: 1 }
      const { name } = await created(
        shop.admin.post<Product>("/products", { ...product, name: `p${100 + n}` })
      )
      names.push(name)
    }
    for (const sort of ["name", "-price", "newest"]) {
      const answers = await walk<Product>((cursor) =>
        shop.nobody.get(`/products?categoryId=${categoryId}&limit=100&sort=${sort}${cursor}`)
      )
      for (const answer of answers) expect(sizeOf(answer)).toBeLessThan(pageBudget + frame)
      expect(answers.length).toBeGreaterThan(2)
      const found = answers.flatMap(({ body }) => body.items.map(({ name }) => name))
      expect(found).toEqual(sort === "name" ? names : names.toReversed())
    }
  })

  test("of one order's history end early, and lose nothing", async () => {
    const ada = await shop.newCustomer()
    const product = await newProduct(shop, { stock: 1000 })
    const order = await newOrder(ada, [product, 1000])
    const reason = wide(500)
    for (let n = 0; n < 150; n++) {
      await ok(
        shop.admin.post(`/orders/${order.id}/cancellations`, {
          items: items([product, 1]).items,
          reason
        })
      )
    }
    const answers = await walk<OrderEvent>((cursor) =>
      ada.get(`/orders/${order.id}/history?${cursor.slice(1)}`)
    )
    for (const answer of answers) expect(sizeOf(answer)).toBeLessThan(pageBudget + frame)
    expect(answers.length).toBe(2)
    const sequences = answers.flatMap(({ body }) => body.items.map(({ sequence }) => sequence))
    expect(sequences).toEqual(Array.from({ length: 151 }, (_, n) => n + 1))
    expect((await historyOf(shop, order)).length).toBeLessThan(151)
  })

  test("of one order are whole and without a cursor if they are small, and know no other cursor", async () => {
    const ada = await shop.newCustomer()
    const order = await newOrder(ada, [await newProduct(shop), 1])
    for (const list of ["history", "payments", "refunds", "payment-operations"]) {
      const path = `/orders/${order.id}/${list}`
      expect(Object.keys(await ok(ada.get<Items<unknown>>(path)))).toEqual(["items"])
      expectFaults(await ada.get(`${path}?cursor=99`), "/cursor")
    }
  })
})

describe("A page of bounded size", () => {
  const pages = keyset(OrderKey)("orders")
  const ids = Array.from({ length: 120 }, (_, n) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`)

  const read = (size: number) => {
    const asked: Array<number> = []
    const all = ids.map((id) => ({ id, text: "x".repeat(size) }))
    const list = ({ limit = 20, cursor }: { limit?: number | undefined; cursor?: string | undefined }) =>
      Effect.sync((): Page<{ readonly id: string }> => {
        asked.push(limit)
        const after = cursor === undefined ? -1 : ids.indexOf(JSON.parse(atob(cursor))[1][0])
        return pages.page(all.slice(after + 1, after + 2 + limit), limit, ({ id }) => [id] as never)
      })
    return { asked, list: withinBytes(list, 10_000) }
  }

  test("is one read of up to 50 items, and at most one more for any other", async () => {
    for (const [limit, asked] of [
      [undefined, [20]],
      [7, [7]],
      [20, [20]],
      [50, [50]],
      [51, [50, 1]],
      [100, [50, 50]]
    ] as const) {
      const { asked: seen, list } = read(10)
      expect((await Effect.runPromise(list({ limit }))).items.length).toBe(limit ?? 20)
      expect(seen).toEqual(asked)
    }
  })

  test("reads no more than would fit, and has at least one item", async () => {
    const large = read(1000)
    expect((await Effect.runPromise(large.list({ limit: 100 }))).items.length).toBe(9)
    expect(large.asked).toEqual([50, 9])
    const medium = read(300)
    expect((await Effect.runPromise(medium.list({ limit: 100 }))).items.length).toBe(28)
    expect(medium.asked).toEqual([50, 28])
    const huge = read(30_000)
    expect((await Effect.runPromise(huge.list({ limit: 100 }))).items.length).toBe(1)
    expect(huge.asked).toEqual([50, 1])
  })

  test("has a bound of its size that no value exceeds", () => {
    const texts = ["", "a", '"\\', "\u0001".repeat(50), "😀".repeat(50), "\ud800", "é\u2028"]
    const values = texts.flatMap((text) => [
      text,
      [text, [text, null]],
      { [text]: text, at: new Date(), n: -1.7976931348623157e308, is: false, none: null }
    ])
    for (const value of [...values, values, -5e-324, Number.MAX_SAFE_INTEGER, new Date(8.64e15)]) {
      expect(sizeAtMost(value)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(value)))
    }
  })

  test("of a whole list ends before it is too large, and continues behind its cursor", () => {
    const all = ids.map((id) => ({ id, text: "x".repeat(1000) }))
    const found: Array<string> = []
    let cursor: string | undefined
    do {
      const part = partOf(all, ({ id }) => id, cursor, 10_000)
      if (part._tag === "Failure") throw part.failure
      found.push(...part.success.items.map(({ id }) => id))
      cursor = part.success.nextCursor
    } while (cursor !== undefined)
    expect(found).toEqual(ids)
  })
})
