import { assert, describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { Arbitrary, Effect, Result, Schema } from "effect"
import { Product } from "../../src/domain/catalog/Product.ts"
import * as Domain from "../../src/domain/index.ts"
import { OrderStatus } from "../../src/domain/orders/Lifecycle.ts"
import { Draft, placeOrder } from "../../src/domain/orders/PlaceOrder.ts"
import { PaymentStatus } from "../../src/domain/payments/Payment.ts"
import { OrderId } from "../../src/domain/shared/Ids.ts"
import * as Generators from "../../src/testing/AllGenerators.ts"

/** Schemas of what nobody asks for or is given as such. */
const inner = new Set([
  "AccountKey",
  "CategoryKey",
  "OrderKey",
  "ServiceTokenKey",
  "VoucherKey",
  "Fault",
  "StorableText",
  "StoredCurrency",
  "StoredCustomerId",
  "StoredMoney",
  "StoredText"
])

/** A schema that takes values, which a function that makes schemas and a class of refusals are not. */
const isData = (value: unknown): value is Schema.Constraint =>
  Schema.isSchema(value) && !((value as { readonly prototype?: unknown }).prototype instanceof Error)

const generators: Readonly<Record<string, unknown>> = {
  ...Generators,
  draft: Arbitrary.map(Generators.placing, ({ draft }) => draft)
}

const generated = Object.entries(Domain).flatMap(([name, schema]) =>
  isData(schema) && !inner.has(name)
    ? [{ name, schema, generator: generators[name.charAt(0).toLowerCase() + name.slice(1)] }]
    : []
)

const sample = <A>(arbitrary: Arbitrary.Arbitrary<A>) =>
  Effect.runSync(Arbitrary.sampleEffect(arbitrary, { count: 400, seed: 1 }))

describe("what is generated", () => {
  for (const { name, schema, generator } of generated) {
    if (Arbitrary.isArbitrary(generator)) {
      it.prop(`is a valid ${name}`, { value: generator }, ({ value }) => Schema.is(schema)(value))
    } else it(`is a ${name}`, () => assert.fail("There is no generator of it"))
  }

  for (const max of [10, 30, 300]) {
    it.prop(`is a text of at most ${max}`, { value: Generators.text(max) }, ({ value }) =>
      Schema.is(Domain.Text(max))(value)
    )
    it.prop(`is a name of at most ${max}`, { value: Generators.name(max) }, ({ value }) =>
      Schema.is(Domain.Name(max))(value)
    )
  }

  it.prop(
    "is a catalog with a draft of some of its products",
    { catalog: Generators.catalog },
    ({ catalog }) => {
      const drafts = Effect.runSync(
        Arbitrary.sampleEffect(Generators.draft([...catalog.values()]), { count: 3, seed: 1 })
      )
      assertTrue([...catalog].every(([id, product]) => id === product.id && Schema.is(Product)(product)))
      assertTrue(drafts.every(Schema.is(Draft)))
    }
  )

  it("is a placing with every outcome, none of them rare", () => {
    const attribution = {
      id: OrderId.make("0198c0de-0000-7000-8000-000000000001"),
      at: new Date(0),
      actor: "system"
    }
    const outcomes = sample(Generators.placing).map(({ draft, products }) =>
      Result.match(placeOrder(draft, products, attribution), {
        onSuccess: () => "placed",
        onFailure: ({ _tag }) => _tag
      })
    )
    const often = [...new Set(outcomes)].filter(
      (one) => outcomes.filter((other) => one === other).length >= 10
    )
    deepStrictEqual(often.toSorted(), [
      "AmountOverflow",
      "InsufficientStock",
      "MixedCurrencies",
      "PriceChanged",
      "ProductNotFound",
      "ProductUnavailable",
      "placed"
    ])
  })

  it("is an order and a payment in every status", () => {
    const orders = new Set(sample(Generators.order).map(({ status }) => status))
    const payments = new Set(sample(Generators.payment).map(({ status }) => status))
    deepStrictEqual(orders, new Set(OrderStatus.literals))
    deepStrictEqual(payments, new Set(PaymentStatus.literals))
  })
})
