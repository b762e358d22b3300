import { Effect, Equal } from "effect"
import { matches, type Product, type ProductChange, productVersion } from "../../../domain/catalog/Product.ts"
import {
  compareKeys,
  descends,
  isListed,
  ProductSort,
  productKey
} from "../../../domain/catalog/ProductListing.ts"
import type { CategoryId } from "../../../domain/shared/Ids.ts"
import { ProductId } from "../../../domain/shared/Ids.ts"
import { pageVersion } from "../../../domain/shared/Page.ts"
import { CatalogStore, type ProductListing } from "../../../ports/CatalogStore.ts"
import { pick, product as products } from "../../Generators.ts"
import { category, newAttribution, newId, newLabel, product, sample, samples } from "../Given.ts"
import { type Law, law, same } from "../Law.ts"

type Query = Omit<ProductListing, "after" | "take">

/** Returns all products of a listing, page by page. */
const walk = Effect.fnUntraced(function* (query: Query, take: number) {
  const store = yield* CatalogStore
  const listed: Array<Product> = []
  for (;;) {
    const last = listed.at(-1)
    const page = yield* store.products({ ...query, after: last && productKey(last, query.sort), take })
    listed.push(...page)
    if (page.length < take) return listed
  }
})

/** Computes the listing of these products by the domain. */
const expected = (products: ReadonlyArray<Product>, { categoryId, q, inStock, active, sort }: Query) =>
  products
    .filter(
      (product) =>
        isListed(product, active) &&
        (categoryId === undefined || product.categoryId === categoryId) &&
        (q === undefined || matches(product, q)) &&
        (inStock === undefined || product.stock > 0 === inStock)
    )
    .sort((a, b) => (descends(sort) ? -1 : 1) * compareKeys(productKey(a, sort), productKey(b, sort)))

/** Names that are equal, or that sort differently by UTF-16 units or by natural language than by code points. */
const names = [
  "a",
  "a",
  "B",
  "b",
  "ä",
  "z",
  "a b",
  "a-b",
  "ab",
  "\uffff",
  "\u{10000}",
  "\u{1f6d2}",
  "é",
  "e\u0301"
]

/** Adds products with these names and generated ones. Some are inactive, out of stock, or equal in price. */
const catalog = Effect.fnUntraced(function* (categoryId: CategoryId, another: CategoryId) {
  return yield* Effect.forEach(yield* samples(products, names.length * 2), (own, i) =>
    Effect.gen(function* () {
      const price = yield* sample(
        pick([own.price, { amount: 5, currency: "EUR" }, { amount: 5, currency: "USD" }])
      )
      const [id, sku] = [yield* newId(ProductId), i % 3 === 0 ? null : yield* newLabel]
      const stock = yield* sample(pick([0, 1, own.stock]))
      const where = { categoryId: i % 3 === 2 ? another : categoryId, name: names[i] ?? own.name }
      return yield* product({ ...own, ...where, id, sku, price, stock, active: i % 5 !== 4 })
    })
  )
})

const lists = (sort: ProductSort) =>
  law(
    `products are listed by ${sort} in the order of the domain, with every filter, across pages`,
    Effect.gen(function* () {
      const { id: categoryId } = yield* category
      const { id: another } = yield* category
      const all = yield* catalog(categoryId, another)
      for (const inStock of [undefined, true, false]) {
        for (const q of [undefined, "a"]) {
          const within = { categoryId, q, inStock, sort }
          for (const take of [1, 4, 100]) yield* same(yield* walk(within, take), expected(all, within))
          const anywhere = { ...within, categoryId: undefined }
          const ids = all.map(({ id }) => id)
          const listed = (yield* walk(anywhere, 100)).filter(({ id }) => ids.includes(id))
          yield* same(listed, expected(all, anywhere))
        }
      }
    })
  )

const listsAny = (sort: ProductSort) =>
  law(
    `inactive products, and any products, are listed by ${sort} in the order of the domain, with every filter, across pages`,
    Effect.gen(function* () {
      const { id: categoryId } = yield* category
      const { id: another } = yield* category
      const all = yield* catalog(categoryId, another)
      const ids = all.map(({ id }) => id)
      for (const active of [false, "any"] as const) {
        for (const q of [undefined, "a"]) {
          for (const inStock of [undefined, true]) {
            const within = { categoryId, q, inStock, active, sort }
            for (const take of [1, 100]) yield* same(yield* walk(within, take), expected(all, within))
          }
          const anywhere = { categoryId: undefined, q, inStock: undefined, active, sort }
          const listed = (yield* walk(anywhere, 100)).filter(({ id }) => ids.includes(id))
          yield* same(listed, expected(all, anywhere))
        }
      }
    })
  )

const digestOf = (text: string) =>
  Effect.map(
    Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
    (digest) =>
      Array.from(new Uint8Array(digest.slice(0, 16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )

/** Returns a page as who has it knows it. */
const knownPage = Effect.fnUntraced(function* (page: ReadonlyArray<Product>, take: number, salt: string) {
  const versions = page.slice(0, take - 1).map(productVersion)
  return { salt, digest: yield* digestOf(salt + pageVersion(versions, page.length === take)) }
})

/** A known page is read again exactly if it has changed. An adapter may leave this out. */
const readsUnlessKnown = Effect.fnUntraced(function* (
  listing: ProductListing,
  change: Effect.Effect<unknown, unknown, CatalogStore>
) {
  const { products, productsUnlessKnown } = yield* CatalogStore
  if (productsUnlessKnown === undefined) return
  const before = yield* products(listing)
  const known = yield* knownPage(before, listing.take, "a salt\n\u{1f9c2}")
  yield* same(yield* productsUnlessKnown(listing, known), undefined)
  const others = [
    { ...known, salt: "another salt" },
    { ...known, digest: "" },
    ...(before.length === 0 ? [] : [yield* knownPage([], listing.take, known.salt)])
  ]
  for (const other of others) yield* same(yield* productsUnlessKnown(listing, other), before)
  // Stock that is at its bound cannot grow.
  yield* Effect.ignore(change)
  const after = yield* products(listing)
  const isSame = Equal.equals(yield* knownPage(after, listing.take, known.salt), known)
  yield* same(yield* productsUnlessKnown(listing, known), isSame ? undefined : after)
})

/** Names and queries with a meaning in text search syntax. */
const awkward = [
  "'",
  "\\",
  "it's",
  "a\\",
  ":*",
  "a:*",
  "&",
  "|",
  "!",
  "!a",
  "(a",
  "<->",
  "a & b",
  "a|b",
  "%",
  "_",
  "a+b",
  "c++",
  "$5",
  "a =",
  "+",
  "™"
]
const words = [
  "",
  " ",
  "\u0001",
  "NULL",
  "🛒",
  "é",
  "e\u0301",
  "İstanbul",
  "ΟΔΟΣ",
  "ςσ",
  "ﬁn",
  "x-1",
  "a\u200db",
  "ÅNGSTRÖM",
  "ISTANBUL",
  "Straße",
  "ẞ",
  "🎁Gift",
  "❤️",
  "🇩🇪"
]
const long = ["\u{1d160}", "🛒", "ﬃ", "\u{10400}", "\u{1109a}"].map((one) => one.repeat(200))
const texts = [...awkward, ...words, ...long, `${"a".repeat(199)}b`]

/** Names with the queries that must find them. */
const found: ReadonlyArray<readonly [name: string, ...queries: ReadonlyArray<string>]> = [
  ["Salt+Pepper C++ $5 🎁Gift", "pepper", "SALT", "c", "5", "gift", "🎁", "salt &", "salt |", "+gi"],
  ["Große Straße", "grosse", "GROẞE", "STRASSE", "gros", "straß"],
  ["İstanbul", "istanbul", "ISTANBUL", "i"],
  ["ISI", "ısı", "isi"],
  ["Crème brûlée", "creme", "brulee", "CRÈME", "crème", "cre\u0300me", "brul"],
  ["Creme", "crème"],
  ["T-Shirt", "tshirt", "t-shirt", "shirt", "T‑Shirt", "tsh", "T SHIRT"],
  ["Tshirt", "t-shirt", "t‐shirt"],
  ["Red T-Shirt-Set", "tshirt", "shirtset", "tshirtset", "red set"],
  ["O'Brien’s", "obrien", "o'brien", "o’brien", "brien", "obriens"],
  ["OBrien", "o'brien", "oʼbrien"],
  ["ＡＢＣ１２３", "abc123", "ABC", "ａｂｃ"],
  ["Abc 123", "ＡＢＣ", "１２３"],
  ["Smørrebrød Łódź Đà Nẵng", "smorrebrod", "lodz", "da nang"],
  ["ガラスの急須", "急須", "ガラス", "須", "ｶﾞﾗｽ", "ラスの急"],
  ["深煎りコーヒー豆", "コーヒー", "豆", "煎り"],
  ["有机咖啡豆", "咖啡", "咖啡豆", "豆", "有机 豆"],
  ["빨간가방", "가방", "빨간"],
  ["กาแฟคั่วบด", "คั่ว", "กาแฟ", "บด"],
  ["iPhone用ケース", "iphone", "ケース", "用ケース", "iPhoneケース"],
  ["Tシャツ", "ｔシャツ", "シャツ", "T-シャツ"],
  ["x² 1½", "x2", "1½"]
]

/** Queries without a word, which find nothing. */
const wordless = ["%", "€", "-", "'", "™", "+ =", "\u0301"]

const cut = (text: string, length = 200) => [...text].slice(0, length).join("")

/** Returns queries that may find a text. */
const queriesFor = (text: string) =>
  [text, text.toUpperCase(), text.normalize("NFD"), cut(text, 2)].map((q) => cut(q))

export const productListingLaws: ReadonlyArray<Law> = [
  ...ProductSort.literals.map(lists),
  ...ProductSort.literals.map(listsAny),

  law(
    "a known page of products is returned again exactly if it has changed, with every filter [A7]",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const { id: categoryId } = yield* category
      const { id: another } = yield* category
      const all = yield* catalog(categoryId, another)
      const { id } = yield* product({ categoryId: another })
      const at = Effect.map(newAttribution, (attribution) => attribution.at)
      const put = (change: ProductChange, productId = id) =>
        Effect.flatMap(at, (at) => store.changeProduct(productId, change, at, undefined))
      const supply = (productId: ProductId) =>
        Effect.flatMap(at, (at) =>
          store.adjustStock(productId, { delta: 1, reason: null, at, actor: "the law" }, undefined)
        )
      let turn = 0
      for (const sort of ProductSort.literals) {
        for (const [q, inStock, active] of [
          [undefined, undefined, true],
          ["a", undefined, true],
          [undefined, true, "any"],
          ["a", false, false],
          ["nothing of the kind", undefined, "any"]
        ] as const) {
          const query: Query = { categoryId, q, inStock, sort, active }
          const [first] = yield* store.products({ ...query, after: undefined, take: 1 })
          const one = yield* sample(pick(all))
          const changes = [put({ description: null }, one.id), supply(one.id), put({ categoryId })]
          for (const change of [changes[turn % 3] ?? Effect.void, put({ categoryId: another })]) {
            const after = turn % 2 === 0 ? undefined : first && productKey(first, sort)
            yield* readsUnlessKnown({ ...query, after, take: [2, 5, 101][turn % 3] ?? 101 }, change)
          }
          turn += 1
        }
      }
    })
  ),

  law(
    "a search finds the products that the domain matches, and every query is valid",
    Effect.gen(function* () {
      const { id: categoryId } = yield* category
      const generated = yield* samples(products, 10)
      const names = [...texts.map((text) => cut(`${text}x`)), ...generated.map(({ name }) => name)]
      const all = yield* Effect.forEach(names, (name) => product({ categoryId, name }))
      for (const q of new Set([...texts, ...names].flatMap(queriesFor))) {
        const query: Query = { categoryId, q, inStock: undefined, sort: "newest" }
        yield* same({ q, found: yield* walk(query, 100) }, { q, found: expected(all, query) })
      }
    })
  ),

  law(
    "symbols and punctuation separate words, and words are found in any case",
    Effect.forEach(found, ([name, ...queries]) =>
      Effect.gen(function* () {
        const { id: categoryId } = yield* category
        const own = yield* product({ categoryId, name, active: true })
        for (const q of queries) {
          const query: Query = { categoryId, q, inStock: undefined, sort: "newest" }
          yield* same({ q, found: yield* walk(query, 10) }, { q, found: [own] })
        }
        const query: Query = { categoryId, q: `${queries[0]} nothing`, inStock: undefined, sort: "newest" }
        yield* same(yield* walk(query, 10), [])
      })
    )
  ),

  law(
    "a query without words finds nothing, and a blank one everything",
    Effect.gen(function* () {
      const { id: categoryId } = yield* category
      const own = yield* product({ categoryId, name: "100 % € - '", active: true })
      const query = { categoryId, inStock: undefined, sort: "newest" as const }
      for (const q of wordless) yield* same({ q, found: yield* walk({ ...query, q }, 10) }, { q, found: [] })
      for (const q of ["", " ", "\u00a0"]) yield* same(yield* walk({ ...query, q }, 10), [own])
    })
  ),

  law(
    "characters of a text without spaces are found where they stand together, and not apart",
    Effect.gen(function* () {
      const { id: categoryId } = yield* category
      yield* product({ categoryId, name: "深煎りコーヒー豆", active: true })
      const query = { categoryId, inStock: undefined, sort: "newest" as const }
      for (const q of ["豆深", "コ豆", "カ", "紅茶"]) {
        yield* same({ q, found: yield* walk({ ...query, q }, 10) }, { q, found: [] })
      }
    })
  ),

  law(
    "a changed product is found immediately by its new name, SKU, price and category, and no longer by the old ones",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const [{ id: before }, { id: after }] = [yield* category, yield* category]
      const own = yield* product({ categoryId: before, name: "old name", sku: yield* newLabel })
      const change = { categoryId: after, name: "new title", sku: yield* newLabel }
      const { value: changed } = yield* store.changeProduct(
        own.id,
        change,
        (yield* newAttribution).at,
        undefined
      )
      for (const categoryId of [before, after]) {
        for (const q of ["old", "title", own.sku ?? "", change.sku]) {
          const query: Query = { categoryId, q, inStock: undefined, sort: "name" }
          yield* same({ q, found: yield* walk(query, 10) }, { q, found: expected([changed], query) })
        }
      }
      yield* store.changeProduct(own.id, { active: false }, (yield* newAttribution).at, undefined)
      yield* same(yield* walk({ categoryId: after, q: undefined, inStock: undefined, sort: "price" }, 10), [])
    })
  )
]
