import { describe, it } from "@effect/vitest"
import { assertFalse, assertSuccess, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Result, Schema } from "effect"
import { ProductKey, ProductSort, productKey } from "../../../src/domain/catalog/ProductListing.ts"
import { OrderKey } from "../../../src/domain/orders/OrderListing.ts"
import { ProductId } from "../../../src/domain/shared/Ids.ts"
import type { InvalidInput } from "../../../src/domain/shared/InvalidInput.ts"
import { Cursor, keyset, Limit } from "../../../src/domain/shared/Page.ts"
import { int, oneOf, pick, product, text } from "../../../src/testing/Generators.ts"
import { accepts } from "../support.ts"

const isRefused = (answer: Result.Result<unknown, InvalidInput>): boolean =>
  Result.isFailure(answer) &&
  answer.failure._tag === "InvalidInput" &&
  answer.failure.errors.map(({ path }) => path).join() === "/cursor"

const base64url = (text: string) => Buffer.from(text).toString("base64url")

describe("the pages of a listing", () => {
  const numbers = keyset(Schema.Int)("numbers")

  it.prop(
    "hold every item once, in order, and no page is longer than the limit",
    { length: int(0, 40), limit: int(1, 10) },
    ({ length, limit }) => {
      const all = Array.from({ length }, (_, n) => n)
      const seen: Array<number> = []
      let cursor: string | undefined
      do {
        const after = Result.getOrThrow(numbers.after(cursor))
        const found = all.filter((n) => after === undefined || n > after).slice(0, limit + 1)
        const page = numbers.page(found, limit, (n) => n)
        assertTrue(page.items.length <= limit)
        assertTrue(page.nextCursor === null || page.items.length === limit)
        seen.push(...page.items)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      deepStrictEqual(seen, all)
    }
  )

  it("start at the beginning without a cursor and end with none", () => {
    assertSuccess(numbers.after(undefined), undefined)
    deepStrictEqual(
      numbers.page([1, 2], 2, (n) => n),
      { items: [1, 2], nextCursor: null }
    )
    deepStrictEqual(
      numbers.page([], 2, (n) => n),
      { items: [], nextCursor: null }
    )
    assertFalse(numbers.page([1, 2, 3], 2, (n) => n).nextCursor === null)
  })

  it.each([
    [0, false],
    [1, true],
    [100, true],
    [101, false],
    [1.5, false],
    ["20", false]
  ])("may be limited to %s: %s", (limit, valid) => {
    strictEqual(accepts(Limit, limit), valid)
  })
})

describe("a cursor", () => {
  const query = Arbitrary.all({
    q: text(200),
    inStock: pick([undefined, true, false]),
    sort: pick(ProductSort.literals)
  })

  it.prop(
    "holds the key of the last item shown",
    { query, shown: product, next: product },
    ({ query, shown, next }) => {
      const pages = keyset(ProductKey[query.sort])(query)
      const { nextCursor } = pages.page([shown, next], 1, (item) => productKey(item, query.sort))
      assertSuccess(pages.after(nextCursor ?? ""), productKey(shown, query.sort))
      assertTrue(accepts(Cursor, nextCursor))
    }
  )

  it.prop(
    "is refused with any other query",
    { query, other: query, shown: product },
    ({ query, other, shown }) => {
      const pages = keyset(ProductKey[query.sort])(query)
      const cursor = pages.page([shown, shown], 1, (item) => productKey(item, query.sort)).nextCursor ?? ""
      const same = query.q === other.q && query.inStock === other.inStock && query.sort === other.sort
      strictEqual(Result.isSuccess(keyset(ProductKey[other.sort])(other).after(cursor)), same)
      assertTrue(isRefused(keyset(ProductKey[query.sort])({ ...query, q: `${query.q}!` }).after(cursor)))
    }
  )

  const orders = keyset(OrderKey)("orders")
  const garbage = oneOf([
    text(60),
    Arbitrary.map(text(60), base64url),
    Arbitrary.map(Arbitrary.schema(Schema.Json), (json) => base64url(JSON.stringify(json))),
    Arbitrary.map(Arbitrary.schema(Schema.Json), (json) => base64url(JSON.stringify([`"orders"`, json]))),
    pick([
      "\u0000",
      "\ud83d",
      "=",
      "====",
      "A",
      base64url("["),
      "_w",
      Buffer.from([0xff, 0xfe]).toString("base64url")
    ])
  ])

  it.prop("that is garbage is refused as invalid input", { garbage }, ({ garbage }) => {
    assertTrue(isRefused(orders.after(garbage)))
  })

  it.prop(
    "that was cut or changed decodes to some id or is refused, and never throws",
    { id: Arbitrary.schema(ProductId), at: int(0, 80), letter: pick(["", "A", "_", "=", "🛒"]) },
    ({ id, at, letter }) => {
      const products = keyset(ProductKey.newest)("products")
      const cursor = products.page([id, id], 1, (id): ProductKey => [id]).nextCursor ?? ""
      const answer = products.after(cursor.slice(0, at) + letter + cursor.slice(at + 1))
      if (Result.isSuccess(answer)) assertTrue(Schema.is(ProductKey.newest)(answer.success))
      else assertTrue(isRefused(answer))
    }
  )

  it("fits into its own bounds, however long query and name are", () => {
    const longest = ["\u0001", "🛒", '"', "\\", "漢"].map((letter) => letter.repeat(200))
    const id = ProductId.make("0198c0de-0000-7000-8000-000000000001")
    for (const q of longest) {
      for (const name of longest) {
        const pages = keyset(ProductKey.name)({ categoryId: id, q, inStock: false, sort: "name" })
        const cursor = pages.page([name, name], 1, (name): ProductKey => [name, id]).nextCursor
        assertTrue(accepts(Cursor, cursor))
      }
    }
    assertFalse(accepts(Cursor, "A".repeat(4097)))
  })
})
