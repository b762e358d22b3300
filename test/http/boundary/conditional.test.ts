import { Layer } from "effect"
import { describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { CorsOrigins } from "../../../src/http/index.ts"
import type { Answer, Caller } from "../support/Caller.ts"
import { expectProblem, ok } from "../support/Expect.ts"
import { advance, newCategory, newOrder, newProduct, pay } from "../support/Given.ts"
import { open, suite, type TestShop } from "../support/Shop.ts"
import type { Page, Product } from "../support/Types.ts"

const tagOf = ({ headers }: Answer) => headers.get("etag") ?? ""

/** Reads, and reads again with the tag of the first answer. */
const twice = async (caller: Caller, path: string) => {
  const first = await caller.get(path)
  expect(first.status, first.request).toBe(200)
  return { first, again: await caller.get(path, { "if-none-match": tagOf(first) }) }
}

const expectKnown = ({ first, again }: { readonly first: Answer; readonly again: Answer }) => {
  expect([again.status, again.text], again.request).toEqual([304, ""])
  for (const name of ["etag", "cache-control", "vary", "x-content-type-options", "content-security-policy"])
    expect(again.headers.get(name), name).toBe(first.headers.get(name))
}

const filtersOf = (categoryId: string) => [
  "",
  "?limit=2",
  "?limit=100",
  "?sort=name&limit=3",
  "?sort=price",
  "?sort=-price",
  "?inStock=true",
  "?inStock=false",
  "?q=mug",
  "?q=%25",
  "?q=nothing",
  `?categoryId=${categoryId}&q=mug&inStock=true&sort=price&limit=1`
]

const assortment = async (shop: TestShop) => {
  const { id: categoryId } = await newCategory(shop)
  const products: Array<Product> = []
  for (const stock of [3, 0, 5, 0, 7]) products.push(await newProduct(shop, { categoryId, stock }))
  return { categoryId, products }
}

suite("Conditional reads", (shop) => {
  const { nobody, admin } = shop

  describe("of a product", () => {
    test("answer 304 without a body as long as nothing has changed, to any form of the tag", async () => {
      const { id } = await newProduct(shop)
      const known = await twice(nobody, `/products/${id}`)
      expectKnown(known)
      const etag = tagOf(known.first)
      for (const header of [etag, etag.slice(2), `"other", ${etag}`, `,W/"x" ,${etag},`, "*"]) {
        const again = await nobody.get(`/products/${id}`, { "if-none-match": header })
        expectKnown({ ...known, again })
      }
      for (const header of ['"other"', 'W/"a,*,b"', `${etag}x`, etag.toUpperCase(), "", `*, ${etag}`]) {
        const again = await nobody.get(`/products/${id}`, { "if-none-match": header })
        expect([again.status, again.text]).toEqual([200, known.first.text])
      }
    })

    test("answer 200 with another tag after each kind of change", async () => {
      const product = await newProduct(shop, { stock: 10 })
      const path = `/products/${product.id}`
      const customer = await shop.newCustomer()
      const { id: categoryId } = await newCategory(shop)
      const changes = [
        () => admin.patch(path, { categoryId }),
        () => admin.patch(path, { name: "Cup" }),
        () => admin.patch(path, { description: "A cup." }),
        () => admin.patch(path, { price: { amount: 5, currency: "USD" } }),
        () => admin.patch(path, { images: [{ url: "https://cdn.example/cup.jpg" }] }),
        () => admin.patch(path, { taxClass: "food" }),
        () => admin.post(`${path}/stock-adjustments`, { delta: 1 }),
        () => newOrder(customer, [product, 1]),
        () => admin.patch(path, { active: false })
      ]
      const tags = new Set<string>()
      for (const change of changes) {
        const before = await nobody.get(path)
        await change()
        const after = await nobody.get(path, { "if-none-match": tagOf(before) })
        expect(after.status).toBe(200)
        expect(after.text).not.toBe(before.text)
        tags.add(tagOf(before)).add(tagOf(after))
        expectKnown({ first: after, again: await nobody.get(path, { "if-none-match": tagOf(after) }) })
      }
      expect(tags.size).toBe(changes.length + 1)
    })

    test("tell apart changes that fall into one millisecond, and do so for readers in between", async () => {
      const { id } = await newProduct(shop)
      const seen = new Map<string, string>()
      for (let n = 0; n < 100; n++) {
        const changing = admin.patch(`/products/${id}`, { description: `${n}` })
        const read = await nobody.get<Product>(`/products/${id}`)
        await changing
        for (const answer of [read, await nobody.get<Product>(`/products/${id}`)]) {
          expect(seen.get(tagOf(answer)) ?? answer.text).toBe(answer.text)
          seen.set(tagOf(answer), answer.text)
        }
      }
      expect(seen.size).toBeGreaterThanOrEqual(100)
    })

    test("refuse what is refused without a condition", async () => {
      const nowhere = "01890000-0000-7000-8000-000000000000"
      for (const header of ["*", '"x"']) {
        const missing = await nobody.get(`/products/${nowhere}`, { "if-none-match": header })
        expectProblem(missing, 404, "product-not-found")
        const wrong = await nobody.get("/products?limit=0", { "if-none-match": header })
        expectProblem(wrong, 400, "invalid-request")
        const closed = await nobody.get("/products?active=any", { "if-none-match": header })
        expectProblem(closed, 401, "unauthenticated")
        for (const { headers } of [missing, wrong, closed]) {
          expect([headers.get("etag"), headers.get("cache-control")]).toEqual([null, "no-store"])
        }
      }
    })

    test("answer HEAD as GET, without a body", async () => {
      const { id } = await newProduct(shop)
      const { first } = await twice(nobody, `/products/${id}`)
      const head = await nobody.send("HEAD", `/products/${id}`)
      expect([head.status, tagOf(head), head.text]).toEqual([200, tagOf(first), ""])
      const headers = { "if-none-match": tagOf(first) }
      expect((await nobody.send("HEAD", `/products/${id}`, { headers })).status).toBe(304)
    })
  })

  describe("of pages of products", () => {
    test("answer 304 with every filter, 200 after a change, and never one query for another", async () => {
      const { categoryId, products } = await assortment(shop)
      const filters = filtersOf(categoryId)
      for (const filter of filters) expectKnown(await twice(nobody, `/products${filter}`))
      const tags = await Promise.all(filters.map((filter) => nobody.get(`/products${filter}`).then(tagOf)))
      expect(new Set(tags).size).toBe(tags.length)

      await admin.patch(`/products/${products.at(-1)?.id}`, { name: "Another mug" })
      for (const [index, filter] of filters.entries()) {
        const path = `/products${filter}`
        const after = await nobody.get<Page<Product>>(path, { "if-none-match": tags[index] ?? "" })
        const shows = (await ok(nobody.get<Page<Product>>(path))).items.some(
          ({ id }) => id === products.at(-1)?.id
        )
        expect(after.status, path).toBe(shows ? 200 : 304)
      }
    })

    test("answer 200 if products come, go or are followed by more", async () => {
      const { id: categoryId } = await newCategory(shop)
      const path = `/products?categoryId=${categoryId}&limit=2&sort=name`
      const product = (name: string) => newProduct(shop, { categoryId, name })
      const tags = new Set<string>()
      const changed = async (change: () => Promise<unknown>, status: number) => {
        const before = await nobody.get(path)
        await change()
        const after = await nobody.get(path, { "if-none-match": tagOf(before) })
        expect(after.status).toBe(status)
        tags.add(tagOf(before)).add(tagOf(after))
      }
      await changed(() => product("b"), 200)
      await changed(() => product("c"), 200)
      await changed(() => product("d"), 200)
      await changed(() => product("e"), 304)
      const { id } = await product("a")
      await changed(() => admin.patch(`/products/${id}`, { active: false }), 200)
      // The page is what it was before it had a neighbour that came and went.
      expect(tags.size).toBe(5)
    })

    test("answer a page that is cut to its size", async () => {
      const { id: categoryId } = await newCategory(shop)
      for (let n = 0; n < 12; n++) {
        const { id } = await newProduct(shop, { categoryId })
        await ok(admin.patch(`/products/${id}`, { description: "€".repeat(9000) }))
      }
      const path = `/products?categoryId=${categoryId}&limit=12`
      const known = await twice(nobody, path)
      const { items, nextCursor } = known.first.body as Page<Product>
      expect([items.length < 12, nextCursor === null]).toEqual([true, false])
      expectKnown(known)
      await admin.patch(`/products/${items[0]?.id}`, { description: null })
      expect((await nobody.get(path, { "if-none-match": tagOf(known.first) })).status).toBe(200)
    })
  })

  describe("of orders", () => {
    test("answer 304 to the customer and to the admin as long as nothing has changed", async () => {
      const customer = await shop.newCustomer()
      const order = await newOrder(customer, [await newProduct(shop), 1])
      const path = `/orders/${order.id}`
      const steps = [() => pay(customer, order), () => advance(shop, order, "SHIPPED")]
      for (const step of [...steps, undefined]) {
        const known = await twice(customer, path)
        expectKnown(known)
        expect(known.first.text).toBe((await admin.get(path)).text)
        const etag = tagOf(known.first)
        expect((await admin.get(path, { "if-none-match": etag })).status).toBe(304)
        const page = await twice(customer, "/orders?limit=5")
        expectKnown(page)
        if (step === undefined) return
        await step()
        expect((await customer.get(path, { "if-none-match": etag })).status).toBe(200)
        const headers = { "if-none-match": tagOf(page.first) }
        expect((await customer.get("/orders?limit=5", headers)).status).toBe(200)
      }
    })

    test("do not tell strangers that there is an order", async () => {
      const customer = await shop.newCustomer()
      const { id } = await newOrder(customer, [await newProduct(shop), 1])
      const etag = tagOf(await customer.get(`/orders/${id}`))
      const stranger = await shop.newCustomer()
      for (const header of [etag, "*"]) {
        const headers = { "if-none-match": header }
        expectProblem(await stranger.get(`/orders/${id}`, headers), 404, "order-not-found")
        expectProblem(await nobody.get(`/orders/${id}`, headers), 401, "unauthenticated")
      }
    })

    test("are kept by no cache, and depend on who asks", async () => {
      const customer = await shop.newCustomer()
      const { id } = await newOrder(customer, [await newProduct(shop), 1])
      for (const path of [`/orders/${id}`, "/orders"]) {
        const { headers } = await customer.get(path)
        expect([headers.get("cache-control"), headers.get("vary")]).toEqual(["no-store", "Authorization"])
      }
    })
  })

  test("are for reads that say so: no other answer has a tag", async () => {
    for (const path of ["/categories", "/auth/me", "/accounts", "/analytics/summary", "/health/live"]) {
      const answer = await admin.get(path, { "if-none-match": "*" })
      expect([answer.status, tagOf(answer), answer.headers.get("cache-control")]).toEqual([
        200,
        "",
        "no-store"
      ])
    }
    const { id } = await newProduct(shop)
    const headers = { "content-type": "application/json", "if-none-match": "*" }
    const changed = await admin.send("PATCH", `/products/${id}`, { headers, body: "{}" })
    expect([changed.status, tagOf(changed), changed.headers.get("cache-control")]).toEqual([
      200,
      "",
      "no-store"
    ])
  })

  test("let no shared cache show what an admin sees [A7]", async () => {
    const { categoryId, products } = await assortment(shop)
    await ok(admin.patch(`/products/${products[0]?.id}`, { active: false }))
    const cache = new Map<string, { readonly answer: Answer; readonly sentWith: Caller }>()
    /** A cache that keeps all that RFC 9111 lets it keep, and would answer by it without asking. */
    const through = async (caller: Caller, path: string) => {
      const kept = cache.get(path)
      const varies = kept?.answer.headers.get("vary")?.toLowerCase().includes("authorization")
      if (kept !== undefined && (!varies || kept.sentWith === caller)) {
        const etag = tagOf(kept.answer)
        const fresh = await caller.get(path, { "if-none-match": etag })
        if (fresh.status === 304) return kept.answer
        return fresh
      }
      const answer = await caller.get(path)
      const forbids = /no-store|private/.test(answer.headers.get("cache-control") ?? "")
      if (answer.status === 200 && !forbids) cache.set(path, { answer, sentWith: caller })
      return answer
    }
    for (const active of ["", "&active=true", "&active=any", "&active=false"]) {
      const path = `/products?categoryId=${categoryId}${active}`
      const seen = await through(admin, path)
      expect(seen.status).toBe(200)
      const isOpen = ["", "&active=true"].includes(active)
      expect(cache.has(path)).toBe(isOpen)
      expect(seen.headers.get("vary")).toBe(isOpen ? null : "Authorization")
      const others = await through(nobody, path)
      if (isOpen) expect(others.text).toBe(seen.text)
      else expectProblem(others, 401, "unauthenticated")
    }
    expect(
      (await admin.get<Page<Product>>(`/products?categoryId=${categoryId}&active=any`)).body.items
    ).toHaveLength(5)
    expect((await nobody.get<Page<Product>>(`/products?categoryId=${categoryId}`)).body.items).toHaveLength(4)
  })
})

describe("Pages of another origin", () => {
  const origin = "https://shop.example"
  const shop = open({ stores: Memory.layer, exposure: Layer.succeed(CorsOrigins, [origin]) })

  test("may read tags and send them", async () => {
    const asked = await shop.nobody.send("OPTIONS", "/products", {
      headers: {
        origin,
        "access-control-request-method": "GET",
        "access-control-request-headers": "if-none-match"
      }
    })
    expect(asked.headers.get("access-control-allow-headers")).toContain("if-none-match")
    const first = await shop.nobody.get("/products", { origin })
    expect(first.headers.get("access-control-expose-headers")).toContain("etag")
    const again = await shop.nobody.get("/products", { origin, "if-none-match": tagOf(first) })
    expect(again.status).toBe(304)
    expect(again.headers.get("access-control-allow-origin")).toBe(origin)
    expect(again.headers.get("vary")).toMatch(/origin/i)
    const closed = await shop.admin.get("/products?active=any", { origin })
    expect(closed.headers.get("vary")).toMatch(/authorization/i)
    expect(closed.headers.get("vary")).toMatch(/origin/i)
  })
})
