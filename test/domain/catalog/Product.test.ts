import { describe, it } from "@effect/vitest"
import { assertFailure, assertSuccess, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Result, Schema } from "effect"
import {
  adjust,
  change,
  create,
  InsufficientStock,
  matches,
  maxStock,
  NewProduct,
  Product,
  ProductChange,
  productVersion,
  StockAdjustment,
  searchTokensOf
} from "../../../src/domain/catalog/Product.ts"
import { ProductId } from "../../../src/domain/shared/Ids.ts"
import { maxPriceMinor } from "../../../src/domain/shared/Money.ts"
import {
  int,
  newProduct,
  oneOf,
  pick,
  product,
  productChange,
  productWith,
  time
} from "../../../src/testing/Generators.ts"
import { accepts, faultsIn, shuffle, untouched } from "../support.ts"

/** The time of a change: after that of the last one, whatever the clock says. */
const next = ({ updatedAt }: Product, at: Date) => new Date(Math.max(at.getTime(), updatedAt.getTime() + 1))

describe("a new product", () => {
  it.prop(
    "is active, has what was given and nothing where nothing was given",
    { input: newProduct, id: Arbitrary.schema(ProductId), at: time },
    ({ input, id, at }) => {
      const created = untouched(input, (input) => create(input, { id, at }))
      const times = { createdAt: at, updatedAt: at }
      const { taxClass, images = [], ...others } = input
      const classified = typeof taxClass === "string" ? { taxClass } : {}
      const shown = images.length > 0 ? { images } : {}
      const given = { description: null, sku: null, ...others, ...classified, ...shown }
      deepStrictEqual(created, { ...given, id, active: true, ...times })
      assertTrue(Schema.is(Product)(created))
    }
  )

  it.prop("is refused without a category, name, price or stock", { input: newProduct }, ({ input }) => {
    deepStrictEqual(faultsIn(NewProduct, input), [])
    for (const field of ["categoryId", "name", "price", "stock"] as const) {
      const { [field]: _, ...rest } = input
      deepStrictEqual(faultsIn(NewProduct, rest), [`/${field}`])
    }
  })

  it.each([
    ["name", " ", "/name"],
    ["name", "x".repeat(201), "/name"],
    ["sku", "", "/sku"],
    ["sku", "x".repeat(65), "/sku"],
    ["description", "x".repeat(10_001), "/description"],
    ["description", "\u0000", "/description"],
    ["stock", -1, "/stock"],
    ["stock", 0.5, "/stock"],
    ["stock", maxStock + 1, "/stock"],
    ["price", { amount: maxPriceMinor + 1, currency: "EUR" }, "/price/amount"],
    ["price", { amount: 1, currency: "euro" }, "/price/currency"],
    ["categoryId", "7", "/categoryId"]
  ])("never has the %s %o", (field, value, path) => {
    const input = {
      categoryId: "0198c0de-0000-7000-8000-000000000001",
      name: "Lamp",
      price: { amount: maxPriceMinor, currency: "EUR" },
      stock: maxStock
    }
    deepStrictEqual(faultsIn(NewProduct, input), [])
    deepStrictEqual(faultsIn(NewProduct, { ...input, [field]: value }), [path])
  })
})

describe("a change of a product", () => {
  it.prop(
    "touches what it names and the time of the last change, and nothing else",
    { product, input: productChange, at: time },
    ({ product, input, at }) => {
      const changed = untouched({ product, input }, ({ product, input }) => change(product, input, at))
      const { taxClass, images = [], ...others } = { ...product, ...input, updatedAt: next(product, at) }
      const classified = typeof taxClass === "string" ? { taxClass } : {}
      const shown = images.length > 0 ? { images } : {}
      deepStrictEqual(changed, { ...others, ...classified, ...shown })
      assertTrue(Schema.is(Product)(changed))
    }
  )

  it.prop("that leaves a field undefined leaves it as it is", { product, at: time }, ({ product, at }) => {
    const nothing = {
      name: undefined,
      description: undefined,
      sku: undefined,
      price: undefined,
      images: undefined,
      active: undefined
    }
    deepStrictEqual(change(product, nothing, at), { ...product, updatedAt: next(product, at) })
  })

  it.prop("can take the description and the SKU away", { product, at: time }, ({ product, at }) => {
    const bare = { description: null, sku: null }
    deepStrictEqual(change(product, bare, at), { ...product, ...bare, updatedAt: next(product, at) })
  })

  it.prop(
    "made twice is as if made once, but for its time",
    { product, input: productChange, at: time },
    ({ product, input, at }) => {
      const once = change(product, input, at)
      deepStrictEqual(change(once, input, at), { ...once, updatedAt: next(once, at) })
    }
  )

  it("never sets the stock", () => {
    deepStrictEqual(Schema.decodeUnknownSync(ProductChange)({ name: "Lamp", stock: 5 }), { name: "Lamp" })
  })

  it("never takes a name, price, category or sale away", () => {
    const input = { name: null, price: null, categoryId: null, active: null }
    deepStrictEqual(faultsIn(ProductChange, input).toSorted(), ["/active", "/categoryId", "/name", "/price"])
  })
})

describe("the version of a product", () => {
  /** Few times and few units, so that many steps of a life meet in one. */
  const at = Arbitrary.map(int(0, 3), (milliseconds) => new Date(Date.UTC(2030) + milliseconds))
  const units = int(-2, 2)
  const step = oneOf<(product: Product) => Product>([
    Arbitrary.map(Arbitrary.all({ input: productChange, at }), ({ input, at }) => (product) => {
      return change(product, input, at)
    }),
    Arbitrary.map(Arbitrary.all({ units, at }), ({ units, at }) => (product) => {
      return Result.getOrElse(adjust(product, units, 0, at), () => product)
    }),
    // An order takes units, or gives them back.
    Arbitrary.map(units, (units) => (product) => ({ ...product, stock: Math.max(0, product.stock + units) }))
  ])

  it.prop(
    "tells apart all that it has ever been, even if clocks go wrong [A7]",
    {
      product: productWith({ stock: int(0, 2) }),
      at,
      steps: Arbitrary.array(step, { minLength: 2, maxLength: 30 })
    },
    ({ product, at, steps }) => {
      let now: Product = { ...product, createdAt: at, updatedAt: at }
      const life = [now]
      for (const take of steps) {
        now = take(now)
        life.push(now)
      }
      const shown = new Map<string, string>()
      for (const state of life) {
        const version = productVersion(state)
        const json = JSON.stringify(state)
        strictEqual(shown.get(version) ?? json, json)
        shown.set(version, json)
      }
    }
  )

  it.prop("is that of no other product", { product, id: Arbitrary.schema(ProductId) }, ({ product, id }) => {
    strictEqual(productVersion({ ...product, id }) === productVersion(product), id === product.id)
  })
})

describe("an adjustment of stock", () => {
  const delta = oneOf([int(-100, 100), int(-maxStock, maxStock)])
  const heldUnits = oneOf([int(0, 100), int(0, maxStock)])

  it.prop(
    "is exact, or refused: stock is never negative, and with the held units never over the bound",
    { product, delta, heldUnits, at: time },
    ({ product, delta, heldUnits, at }) => {
      const adjusted = untouched(product, (product) => adjust(product, delta, heldUnits, at))
      const stock = BigInt(product.stock) + BigInt(delta)
      if (stock < 0n) {
        const shortages = [{ productId: product.id, requested: -delta, available: product.stock }]
        assertFailure(adjusted, new InsufficientStock({ shortages }))
      } else if (stock + BigInt(heldUnits) > 10n ** 12n) {
        const failure = Result.isFailure(adjusted) ? adjusted.failure : undefined
        strictEqual(failure?._tag, "InvalidInput")
        deepStrictEqual(failure?._tag === "InvalidInput" && failure.errors.map(({ path }) => path), [
          "/delta"
        ])
      } else assertSuccess(adjusted, { ...product, stock: Number(stock), updatedAt: next(product, at) })
    }
  )

  it.prop("can take the last unit", { product, at: time }, ({ product, at }) => {
    assertSuccess(adjust(product, -product.stock, 0, at), {
      ...product,
      stock: 0,
      updatedAt: next(product, at)
    })
    assertTrue(Result.isFailure(adjust(product, -product.stock - 1, 0, at)))
  })

  it.prop("can fill up to the bound", { product, at: time, heldUnits }, ({ product, at, heldUnits }) => {
    const room = maxStock - product.stock - heldUnits
    if (room < 0) return
    const full = { ...product, stock: maxStock - heldUnits, updatedAt: next(product, at) }
    assertSuccess(adjust(product, room, heldUnits, at), full)
    assertTrue(Result.isFailure(adjust(product, room + 1, heldUnits, at)))
  })

  it.each([0, -0, 0.5, maxStock + 1, -maxStock - 1, Number.NaN, "1", null])("is never by %o", (delta) => {
    deepStrictEqual([...new Set(faultsIn(StockAdjustment, { delta }))], ["/delta"])
  })

  it.each([1, -1, maxStock, -maxStock])("may be by %d, for a reason or none", (delta) => {
    assertTrue(accepts(StockAdjustment, { delta }))
    assertTrue(accepts(StockAdjustment, { delta, reason: null }))
    assertTrue(accepts(StockAdjustment, { delta, reason: "x".repeat(500) }))
    deepStrictEqual(faultsIn(StockAdjustment, { delta, reason: "x".repeat(501) }), ["/reason"])
  })
})

describe("a search", () => {
  const vocabulary = ["red", "Reddish", "LAMP", "lam", "lamé", "Öl", "漢字", "x-1"]
  const said = Arbitrary.array(pick(vocabulary), { maxLength: 4 })
  const heard = (parts: ReadonlyArray<string>) => parts.flatMap((part) => part.toLowerCase().split("-"))

  it.prop(
    "finds a product if each of its words begins a word of the name or SKU, whatever case and order",
    { name: said, sku: said, query: said, length: int(1, 6) },
    ({ name, sku, query, length }) => {
      const found = { name: name.join(" "), sku: sku.length === 0 ? null : sku.join("/") }
      const beginnings = query.map((word) => word.slice(0, length))
      const expected = heard(beginnings).every((word) =>
        heard([...name, ...sku]).some((own) => own.startsWith(word))
      )
      strictEqual(matches(found, beginnings.join(", ")), expected)
      strictEqual(matches(found, beginnings.join(" ").toUpperCase()), expected)
      strictEqual(matches(found, beginnings.toReversed().join("\t")), expected)
    }
  )

  it.prop("finds a product by its own name and SKU", { product, seed: int(0, 1e6) }, ({ product, seed }) => {
    assertTrue(matches(product, `${product.sku ?? ""} ${product.name}`))
    assertTrue(matches(product, shuffle(searchTokensOf(product), seed).join(" ")))
  })

  it.prop(
    "for nothing finds everything",
    { product, query: pick(["", " ", "\t\n", "\u00a0"]) },
    ({ product, query }) => {
      assertTrue(matches(product, query))
    }
  )

  it.prop(
    "without a word finds nothing",
    { product, query: pick(["%", "€", "_", "-- \t", "…", "™", "\u0301"]) },
    ({ product, query }) => {
      assertTrue(!matches(product, query))
    }
  )

  it.prop("finds nothing if one word is missing", { product }, ({ product }) => {
    assertTrue(!matches(product, `${product.name} qqq`))
  })

  it("finds a word in capitals by its beginning, also one that ends in sigma", () => {
    assertTrue(matches({ name: "Οδοσήμανση", sku: null }, "ΟΔΟΣ"))
  })

  it("does not look inside words", () => {
    assertTrue(!matches({ name: "Redlamp", sku: null }, "lamp"))
  })
})
