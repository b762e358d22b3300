import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { Arbitrary, Effect, Result, Schema } from "effect"
import { Account, Email, Password } from "../../src/domain/Account.ts"
import { Period } from "../../src/domain/Analytics.ts"
import { Category } from "../../src/domain/Category.ts"
import { OrderId } from "../../src/domain/Id.ts"
import { IdempotencyKey } from "../../src/domain/Idempotency.ts"
import { OrderStatus } from "../../src/domain/Lifecycle.ts"
import { Money, Price } from "../../src/domain/Money.ts"
import { Metadata, Order, OrderEvent, Quantity } from "../../src/domain/Order.ts"
import { Payment, PaymentMethod, PaymentStatus } from "../../src/domain/Payment.ts"
import { Draft, place } from "../../src/domain/Placing.ts"
import { NewProduct, Product, ProductChange, Stock, StockAdjustment } from "../../src/domain/Product.ts"
import { By, Name, Text } from "../../src/domain/Text.ts"
import * as Generators from "../../src/testing/Generators.ts"

const generated: ReadonlyArray<readonly [string, Schema.Constraint, Arbitrary.Arbitrary<unknown>]> = [
  ["text", Text(30), Generators.text(30)],
  ["name", Name(30), Generators.name(30)],
  ["email", Email, Generators.email],
  ["password", Password, Generators.password],
  ["account", Account, Generators.account],
  ["category", Category, Generators.category],
  ["money", Money, Generators.money],
  ["price", Price, Generators.price],
  ["stock", Stock, Generators.stock],
  ["product", Product, Generators.product],
  ["new product", NewProduct, Generators.newProduct],
  ["product change", ProductChange, Generators.productChange],
  ["stock adjustment", StockAdjustment, Generators.stockAdjustment],
  ["quantity", Quantity, Generators.quantity],
  ["metadata", Metadata, Generators.metadata],
  ["draft", Draft, Arbitrary.map(Generators.placing, ({ draft }) => draft)],
  ["name of who makes a change", By, Arbitrary.map(Generators.stamp, ({ by }) => by)],
  ["order", Order, Generators.order],
  ["event", OrderEvent, Arbitrary.map(Generators.history, ({ events }) => events.at(-1))],
  ["payment", Payment, Generators.payment],
  ["payment method", PaymentMethod, Generators.paymentMethod],
  ["idempotency key", IdempotencyKey, Generators.idempotencyKey],
  ["period", Period, Generators.period]
]

const sample = <A>(arbitrary: Arbitrary.Arbitrary<A>) =>
  Effect.runSync(Arbitrary.sampleEffect(arbitrary, { count: 400, seed: 1 }))

describe("what is generated", () => {
  for (const [name, schema, arbitrary] of generated) {
    it.prop(`is a valid ${name}`, { value: arbitrary }, ({ value }) => Schema.is(schema)(value))
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
    const stamp = { id: OrderId.make("0198c0de-0000-7000-8000-000000000001"), at: new Date(0), by: "system" }
    const outcomes = sample(Generators.placing).map(({ draft, products }) =>
      Result.match(place(draft, products, stamp), {
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
