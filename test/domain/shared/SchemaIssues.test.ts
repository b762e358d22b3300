import { describe, it } from "@effect/vitest"
import { assertFalse, deepStrictEqual } from "@effect/vitest/utils"
import { Result, Schema } from "effect"
import * as Account from "../../../src/domain/accounts/Account.ts"
import { SalesQuery } from "../../../src/domain/analytics/Sales.ts"
import { NewCategory } from "../../../src/domain/catalog/Category.ts"
import * as Product from "../../../src/domain/catalog/Product.ts"
import { ProductQuery } from "../../../src/domain/catalog/ProductListing.ts"
import { OrderQuery } from "../../../src/domain/orders/OrderListing.ts"
import { Draft, OrderRequest } from "../../../src/domain/orders/PlaceOrder.ts"
import { PaymentRequest } from "../../../src/domain/payments/Payment.ts"
import { decoder, invalidAt } from "../../../src/domain/shared/InvalidInput.ts"

const id = "01a2093f-bfb4-7677-bd0c-c4bd5b59979c"
const price = { amount: 1, currency: "EUR" }

/** What is said of an input, by where it is wrong. */
const inherited = <A, I>(schema: Schema.Codec<A, I>, input: unknown): ReadonlyArray<string> =>
  Result.match(decoder(schema)(input), {
    onSuccess: () => [],
    onFailure: ({ errors }) => errors.map(({ path, message }) => `${path} ${message}`)
  })

describe("what is wrong with an input", () => {
  it("is said of its values, with all that they may be", () => {
    const product = { categoryId: id, name: "x".repeat(201), sku: 7, price: 5, stock: 1.5 }
    deepStrictEqual(inherited(Product.NewProduct, product), [
      "/name Expected 1 to 200 characters",
      "/sku Expected a string or null",
      "/price Expected an object",
      "/stock Expected an integer from 0 to 1000000000000"
    ])
    deepStrictEqual(inherited(NewCategory, { name: "" }), ["/name Expected 1 to 100 characters"])
    deepStrictEqual(inherited(ProductQuery, { q: 1, inStock: "maybe", sort: "best", limit: "abc" }), [
      "/q Expected a string",
      "/inStock Expected true or false",
      "/sort Expected newest, name, price or -price",
      "/limit Expected an integer from 1 to 100"
    ])
    deepStrictEqual(inherited(ProductQuery, { active: 1 }), ["/active Expected true, false or any"])
    const ofUrl = Schema.toCodecStringTree(ProductQuery)
    deepStrictEqual(inherited(ofUrl, { active: "1" }), ["/active Expected true, false or any"])
    deepStrictEqual(inherited(SalesQuery, { interval: "year" }), ["/interval Expected day, week or month"])
    deepStrictEqual(inherited(OrderRequest, { items: [], expectedTotal: "free" }), [
      "/items Expected at least 1 item",
      "/expectedTotal Expected an object"
    ])
    deepStrictEqual(inherited(OrderRequest, { items: {} }), ["/items Expected an array"])
    deepStrictEqual(inherited(Account.Login, {}), ["/email Missing key", "/password Missing key"])
  })

  it("is said once of a password, whatever is wrong with its length", () => {
    for (const password of ["x".repeat(73), "é".repeat(37), "x".repeat(7), ""]) {
      deepStrictEqual(inherited(Account.Registration, { email: "a@b", password }), [
        "/password Expected 8 characters or more, and at most 72 bytes in UTF-8"
      ])
    }
  })

  it("is said once of a number, whatever is wrong with it", () => {
    for (const amount of [-0.5, 1.5, -1, 2e12, "1", null, Number.NaN]) {
      deepStrictEqual(inherited(Product.NewProduct.fields.price, { ...price, amount }), [
        "/amount Expected an integer from 0 to 1000000000000"
      ])
    }
  })

  it("names no type of ours", () => {
    const schemas = { ...Account, ...Product, NewCategory, PaymentRequest, Draft, OrderRequest, OrderQuery }
    const names = /Login|Registration|Product|Price|Money|Order[A-Z]|Category|Payment|Draft|Account|Tokens/
    for (const schema of Object.values(schemas).filter(Schema.isSchema)) {
      for (const input of [7, "7", null, [], {}, { price: 1, items: [1], metadata: 1, status: "PAYED" }]) {
        const said = inherited(schema as Schema.Codec<unknown, unknown>, input)
        assertFalse(said.some((line) => names.test(line.replace(/^\S*/, ""))))
      }
    }
  })

  it("is said of what is not known, where that is not taken", () => {
    const strict = decoder(Schema.Struct({ a: Schema.Number }), { onExcessProperty: "error" })
    deepStrictEqual(strict({ a: 1, "b/c": 2 }), Result.fail(invalidAt("/b~1c", "Unknown key")))
  })
})
