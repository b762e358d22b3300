import { describe, it } from "@effect/vitest"
import {
  assertFailure,
  assertFalse,
  assertSuccess,
  assertTrue,
  deepStrictEqual,
  strictEqual
} from "@effect/vitest/utils"
import { Arbitrary, Result, Schema } from "effect"
import { Login, Registration } from "../../../src/domain/accounts/Account.ts"
import { Period } from "../../../src/domain/analytics/Summary.ts"
import { NewCategory } from "../../../src/domain/catalog/Category.ts"
import { NewProduct, ProductChange, StockAdjustment } from "../../../src/domain/catalog/Product.ts"
import { ProductQuery } from "../../../src/domain/catalog/ProductListing.ts"
import { Metadata } from "../../../src/domain/orders/Order.ts"
import { OrderQuery } from "../../../src/domain/orders/OrderListing.ts"
import { Draft } from "../../../src/domain/orders/PlaceOrder.ts"
import { PaymentRequest } from "../../../src/domain/payments/Payment.ts"
import { decoder, InvalidInput, invalidAt } from "../../../src/domain/shared/InvalidInput.ts"
import { int, oneOf, pick } from "../../../src/testing/Generators.ts"
import { accepts, faultsIn } from "../support.ts"

const inputs: Record<string, Schema.Codec<unknown, unknown>> = {
  Registration,
  Login,
  NewCategory,
  NewProduct,
  ProductChange,
  StockAdjustment,
  Draft,
  PaymentRequest,
  ProductQuery,
  OrderQuery,
  Period,
  Metadata
}

describe("invalid input", () => {
  const secret = "s3cr3t"
  const wrong: Arbitrary.Arbitrary<unknown> = oneOf<unknown>([
    pick([secret, `${secret}\u0000`, `${secret}\ud800`, `${secret}@${secret}@`, secret.repeat(2000)]),
    pick([{ [secret]: secret }, [secret], { amount: secret, currency: secret }, new Date(Number.NaN)]),
    pick([[{ productId: secret, quantity: secret }], { note: [secret] }, 1.5, null, true])
  ])
  const fields = Object.values(inputs).flatMap((schema) =>
    "fields" in schema ? Object.keys(schema.fields ?? {}) : []
  )
  const input = Arbitrary.map(
    Arbitrary.all(fields.map((field) => Arbitrary.all([pick([field]), wrong]))),
    (entries) => Object.fromEntries(entries)
  )

  it.prop(
    "is never repeated, be it a password",
    { name: pick(Object.keys(inputs)), input },
    ({ name, input }) => {
      const decoded = decoder(inputs[name] ?? Metadata)(input)
      if (Result.isSuccess(decoded)) return
      assertTrue(decoded.failure.errors.length > 0)
      assertFalse(decoded.failure.errors.some(({ message }) => message.includes(secret)))
    },
    { arbitrary: { runs: 200 } }
  )

  it.prop(
    "that is no object at all is one fault, without it",
    { name: pick(Object.keys(inputs)) },
    ({ name }) => {
      for (const input of [secret, [secret], 7, null, true]) {
        const decoded = decoder(inputs[name] ?? Metadata)(input)
        const errors = Result.isFailure(decoded) ? decoded.failure.errors : []
        deepStrictEqual(
          errors.map(({ path }) => path),
          [""]
        )
        assertFalse(JSON.stringify(errors).includes(secret))
      }
    }
  )

  it.prop(
    "is pointed to through any key, with ~ and / escaped",
    {
      key: Arbitrary.map(Arbitrary.array(pick(["~", "/", "a", "0", "1", "é", " ", "%"])), (parts) =>
        parts.join("")
      )
    },
    ({ key }) => {
      const pointers = faultsIn(Schema.Record(Schema.String, Schema.Array(Schema.Int)), { [key]: [1, "x"] })
      deepStrictEqual(pointers, [`/${key.replaceAll("~", "~0").replaceAll("/", "~1")}/1`])
    }
  )

  it.prop(
    "is listed fault by fault, in order",
    { faulty: Arbitrary.array(pick([false, true])) },
    ({ faulty }) => {
      const expected = faulty.flatMap((bad, index) => (bad ? [`/${index}`] : []))
      deepStrictEqual(
        faultsIn(
          Schema.Array(Schema.Int),
          faulty.map((bad, index) => (bad ? 0.5 : index))
        ),
        expected
      )
    }
  )

  it("names what is wrong in its message", () => {
    const errors = [
      { path: "/price/amount", message: "Expected an integer" },
      { path: "", message: "Expected an object" }
    ]
    strictEqual(
      new InvalidInput({ errors }).message,
      "/price/amount: Expected an integer; Expected an object"
    )
    deepStrictEqual(
      invalidAt("/delta", "Too much"),
      new InvalidInput({ errors: [{ path: "/delta", message: "Too much" }] })
    )
  })
})

describe("valid input", () => {
  it.prop("decodes to what it says", { quantity: int(-100, 100) }, ({ quantity }) => {
    assertSuccess(decoder(Schema.Int)(quantity), quantity)
    assertTrue(accepts(Schema.Int, quantity))
    assertFailure(
      decoder(Schema.Int)(quantity + 0.5),
      new InvalidInput({ errors: [{ path: "", message: "Expected an integer" }] })
    )
  })
})
