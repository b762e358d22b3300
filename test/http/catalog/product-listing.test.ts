import { randomUUID } from "node:crypto"
import { beforeAll, describe, expect, test } from "vitest"
import { expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { newCategory, newProduct } from "../support/Given.ts"
import { byCodePoints, pagesOf } from "../support/Pages.ts"
import { suite, type TestShop } from "../support/Shop.ts"
import type { Page, Product } from "../support/Types.ts"

const byPrice = (a: Product, b: Product) =>
  byCodePoints(a.price.currency, b.price.currency) ||
  a.price.amount - b.price.amount ||
  byCodePoints(a.id, b.id)

const sorts: Record<string, (a: Product, b: Product) => number> = {
  newest: (a, b) => byCodePoints(b.id, a.id),
  name: (a, b) => byCodePoints(a.name, b.name) || byCodePoints(a.id, b.id),
  price: byPrice,
  "-price": (a, b) => byPrice(b, a)
}

/** Names that languages sort differently from code points, prices that are equal, and two currencies. */
const assortment = async (shop: TestShop) => {
  const { id: categoryId } = await newCategory(shop)
  const names = ["b", "B", "a b", "ab", "Ä", "a", "z", "ﬀ", "🦊", "a", "Z-1", "é"]
  for (const [index, name] of names.entries()) {
    const price = { amount: [5, 100, 20, 5][index % 4] ?? 0, currency: index % 3 === 0 ? "EUR" : "USD" }
    await newProduct(shop, { categoryId, name, price, stock: index % 2 })
  }
  const all = await ok(shop.nobody.get<Page<Product>>(`/products?categoryId=${categoryId}&limit=100`))
  expect(all).toMatchObject({ items: { length: names.length }, nextCursor: null })
  return { categoryId, products: all.items }
}

suite("Listings of products over HTTP", (shop) => {
  const { nobody, admin } = shop

  describe("of products", () => {
    let categoryId: string
    let products: ReadonlyArray<Product>
    beforeAll(async () => {
      ;({ categoryId, products } = await assortment(shop))
    })

    test.each(Object.keys(sorts).flatMap((sort) => [1, 5, 12, 100].map((limit) => ({ sort, limit }))))(
      "sorted by $sort, $limit to a page: each once, in order",
      async ({ sort, limit }) => {
        const pages = await pagesOf<Product>(nobody, "/products", { categoryId, sort }, limit)
        expect(pages.flat()).toEqual([...products].sort(sorts[sort]))
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true)
        expect(pages.at(-1)?.length).toBeGreaterThan(0)
      }
    )

    test("inactive ones are listed for admins only, by every sort, and any as well", async () => {
      const { categoryId, products } = await assortment(shop)
      const hidden = products.filter((_, index) => index % 3 === 0)
      for (const { id } of hidden) await ok(admin.patch(`/products/${id}`, { active: false }))
      const now = await Promise.all(products.map(({ id }) => ok(nobody.get<Product>(`/products/${id}`))))
      for (const [sort, compare] of Object.entries(sorts)) {
        for (const [active, wanted] of [
          ["true", now.filter((product) => product.active)],
          ["false", now.filter((product) => !product.active)],
          ["any", now]
        ] as const) {
          const pages = await pagesOf<Product>(admin, "/products", { categoryId, sort, active }, 5)
          expect(pages.flat()).toEqual([...wanted].sort(compare))
        }
      }
    })

    test("a cursor belongs to the products that were asked for, and active ones are the default", async () => {
      const cursorOf = async (query: string) => {
        const path = `/products?categoryId=${categoryId}&limit=2${query}`
        return (await ok(admin.get<Page<Product>>(path))).nextCursor
      }
      const next = (query: string, cursor: string | null) =>
        admin.get<Page<Product>>(`/products?categoryId=${categoryId}&limit=2${query}&cursor=${cursor}`)
      const [active, any] = [await cursorOf(""), await cursorOf("&active=any")]
      expect(await ok(next("&active=true", active))).toEqual(await ok(next("", active)))
      await ok(next("&active=any", any))
      for (const query of ["", "&active=false"]) expectFaults(await next(query, any), "/cursor")
      expectFaults(await next("&active=any", active), "/cursor")
    })

    test.each(["maybe", "1", "TRUE", ""])("are neither active nor inactive as active=%s", async (active) => {
      for (const caller of [nobody, admin]) {
        expectFaults(await caller.get(`/products?active=${active}`), "/active")
      }
    })

    test.each(Object.keys(sorts))("filtered while sorted by %s", async (sort) => {
      const query = { categoryId, sort, inStock: "true", q: "a" }
      const found = (await pagesOf<Product>(nobody, "/products", query, 1)).flat()
      const wanted = products.filter(({ name, stock }) => stock > 0 && /^a/.test(name))
      expect(wanted.length).toBeGreaterThan(0)
      expect(found).toEqual([...wanted].sort(sorts[sort]))
    })

    test("the newest come first if no sort is named, 20 to a page", async () => {
      for (let n = 0; n < 10; n++) await newProduct(shop)
      const { items, nextCursor } = await ok(nobody.get<Page<Product>>("/products"))
      expect(items.length).toBe(20)
      expect(items).toEqual([...items].sort(sorts.newest))
      expect(nextCursor).not.toBeNull()
    })

    test("in stock or not", async () => {
      const list = (inStock: string) =>
        ok(nobody.get<Page<Product>>(`/products?categoryId=${categoryId}&inStock=${inStock}`))
      expect((await list("true")).items).toEqual(products.filter(({ stock }) => stock > 0))
      expect((await list("false")).items).toEqual(products.filter(({ stock }) => stock === 0))
    })

    test("a cursor belongs to its query", async () => {
      const base = `/products?categoryId=${categoryId}&limit=2`
      const { nextCursor } = await ok(nobody.get<Page<Product>>(`${base}&sort=price`))
      const cursor = `cursor=${encodeURIComponent(nextCursor ?? "")}`
      await ok(nobody.get(`${base}&sort=price&${cursor}`))
      await ok(nobody.get(`/products?categoryId=${categoryId}&limit=7&sort=price&${cursor}`))
      for (const other of [
        `${base}&sort=-price&${cursor}`,
        `${base}&${cursor}`,
        `${base}&sort=price&q=a&${cursor}`,
        `${base}&sort=price&inStock=true&${cursor}`,
        `/products?limit=2&sort=price&${cursor}`,
        `/categories?${cursor}`
      ]) {
        expectFaults(await nobody.get(other), "/cursor")
      }
      expectFaults(await admin.get(`/orders?${cursor}`), "/cursor")
    })

    test.each(["x", "", "%00", "AAAA", "bnVsbA", "W10", "x".repeat(5000), "🦊"])(
      "%j is no cursor",
      async (cursor) => {
        expectFaults(await nobody.get(`/products?cursor=${encodeURIComponent(cursor)}`), "/cursor")
      }
    )

    test("a product that comes or goes between pages moves no other", async () => {
      const path = `/products?categoryId=${categoryId}&sort=name&limit=4`
      const first = await ok(nobody.get<Page<Product>>(path))
      const gone = first.items[0]
      await admin.patch(`/products/${gone?.id}`, { active: false })
      const next = await ok(nobody.get<Page<Product>>(`${path}&cursor=${first.nextCursor}`))
      expect(next.items).toEqual([...products].sort(sorts.name).slice(4, 8))
      await admin.patch(`/products/${gone?.id}`, { active: true })
    })
  })

  test.each([
    [
      "limit",
      [
        "0",
        "101",
        "abc",
        "",
        "1.5",
        "-1",
        "1e9",
        "1e1",
        "%2B5",
        "05",
        "0x10",
        "10.0",
        "%201",
        "NaN",
        "Infinity",
        "9".repeat(30)
      ]
    ],
    ["sort", ["cheapest", "PRICE", ""]],
    ["inStock", ["yes", "1", ""]],
    ["categoryId", ["x", ""]],
    ["q", ["x".repeat(201), "a%00b"]]
  ] as const)("%s takes none of %j", async (name, values) => {
    for (const value of values) expectFaults(await nobody.get(`/products?${name}=${value}`), `/${name}`)
  })

  test("what a limit is, is said in words", async () => {
    expectProblem(await nobody.get("/products?limit=abc"), 400, "invalid-request", {
      detail: "/limit: Expected an integer from 1 to 100"
    })
  })

  test("every fault of a query is listed", async () => {
    const answer = await nobody.get("/products?limit=0&sort=x&inStock=maybe&categoryId=y")
    expectFaults(answer, "/limit", "/sort", "/inStock", "/categoryId")
    expectFaults(
      await admin.get("/orders?status=paid&customerId=&limit=101"),
      "/status",
      "/customerId",
      "/limit"
    )
    expectFaults(await nobody.get("/categories?limit=x"), "/limit")
  })

  describe("found by q", () => {
    const word = `sku${randomUUID().slice(0, 8)}`
    let categoryId: string
    beforeAll(async () => {
      categoryId = (await newCategory(shop)).id
      await newProduct(shop, { categoryId, name: "Große Blue-Mug, 100% Ton", sku: `${word}-17` })
      await newProduct(shop, { categoryId, name: "Smug bowl" })
    })
    const found = async (q: string) => {
      const query = new URLSearchParams({ categoryId, q })
      const { items } = await ok(nobody.get<Page<Product>>(`/products?${query}`))
      return items.map(({ name }) => name.split(" ")[0]).sort()
    }

    test.each([
      "mug",
      "MUG blue",
      "blu",
      "große",
      "gROßE",
      "17 100",
      `mu ${word} bl`,
      word.toUpperCase(),
      "mug:*"
    ])("all words of %j begin words of name or SKU, whatever the case", async (q) => {
      expect(await found(q)).toEqual(["Große"])
    })

    test.each(["ug", "mug green", "mug bowl", "lue", "100x", "'; DROP TABLE orders; --", "ton\\x"])(
      "no product has words that begin with those of %j",
      async (q) => {
        expect(await found(q)).toEqual([])
      }
    )

    test.each(["%", "_", "\\", "!", "€"])("without a word, like %j, none is found", async (q) => {
      expect(await found(q)).toEqual([])
    })

    test.each(["", " "])("blank, like %j, all are found", async (q) => {
      expect(await found(q)).toEqual(["Große", "Smug"])
    })
  })
})
