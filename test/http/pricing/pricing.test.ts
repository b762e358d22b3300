import { Layer, Result } from "effect"
import { describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import type { PricingFunction } from "../../../src/domain/pricing/Pricing.ts"
import { PricingRefused } from "../../../src/domain/pricing/Pricing.ts"
import { Pricing } from "../../../src/ports/Pricing.ts"
import { created, expectProblem, ok } from "../support/Expect.ts"
import { books, items, newProduct, pay, usd } from "../support/Given.ts"
import { open, suite } from "../support/Shop.ts"
import type { Order, Quote } from "../support/Types.ts"

const delivery = { kind: "fee", code: "delivery", name: "Delivery", amount: 500 } as const

/** What the pricing of the host says of an order, by a word in its metadata. */
const answers: Readonly<Record<string, () => unknown>> = {
  "": () => [delivery, { kind: "tax", code: "vat", name: "VAT", rate: 200_000, included: false }],
  refuses: () => Result.fail(new PricingRefused({ reason: "We do not deliver there." })),
  throws: () => {
    throw new Error("Oops: a secret of the host")
  },
  promises: () => Promise.resolve([delivery]),
  "has a negative amount": () => [{ ...delivery, amount: -500 }],
  "has a rate above 100 %": () => [{ kind: "discount", code: "d", name: "D", rate: 1_000_001 }],
  "has 51 figures": () => Array.from({ length: 51 }, (_, n) => ({ ...delivery, code: `${n}` })),
  "is slow": () => {
    for (const end = performance.now() + 1100; performance.now() < end; );
    return []
  }
}
const price: PricingFunction = ({ metadata }) => answers[metadata.answer ?? ""]?.() as ReadonlyArray<never>

describe("Pricing", () => {
  const shop = open({ stores: Memory.layer, exposure: Layer.succeed(Pricing, price) })

  test("adds fees and taxes to an order and to its quote, and the whole is paid", async () => {
    const product = await newProduct(shop, { price: usd(1000) })
    const customer = await shop.newCustomer()
    const quote = await ok(customer.post<Quote>("/quotes", items([product, 2])))
    expect(quote.total).toEqual(usd(3000))
    const order = await created(
      customer.post<Order>("/orders", { ...items([product, 2]), expectedTotal: quote.total })
    )
    expect(order.adjustments).toEqual([
      { kind: "fee", code: "delivery", name: "Delivery", amount: usd(500) },
      {
        kind: "tax",
        code: "vat",
        name: "VAT",
        amount: usd(500),
        rate: 200_000,
        included: false,
        shares: [400, 100]
      }
    ])
    const list = { ...items([product, 2]), expectedTotal: usd(2000) }
    expectProblem(await customer.post("/orders", list), 409, "price-changed", { total: usd(3000) })
    expect((await pay(customer, order)).amount).toEqual(usd(3000))
  })

  test("refuses an order in the words of the host, and nothing is taken", async () => {
    const product = await newProduct(shop)
    const customer = await shop.newCustomer()
    const before = await books(shop, customer, product)
    const wish = { ...items([product, 1]), metadata: { answer: "refuses" } }
    for (const path of ["/orders", "/quotes"]) {
      const reason = "We do not deliver there."
      expectProblem(await customer.post(path, wish), 409, "pricing-refused", { reason, detail: reason })
    }
    expect(await books(shop, customer, product)).toEqual(before)
  })

  test.each(Object.keys(answers).slice(2))(
    "that %s is a bug: it is logged with its cause, and nothing is taken",
    async (answer) => {
      const product = await newProduct(shop)
      const customer = await shop.newCustomer()
      const before = await books(shop, customer, product)
      const logged = shop.logs().length
      const key = { "idempotency-key": `key ${answer}`.replaceAll(/[^!-~]/g, "-") }
      const wish = { ...items([product, 1]), metadata: { answer } }
      expectProblem(await customer.post("/orders", wish, key), 500, "internal")
      expectProblem(await customer.post("/quotes", wish), 500, "internal")
      expect(await books(shop, customer, product)).toEqual(before)
      const causes = { throws: "a secret of the host", "is slow": "must answer within 1000 ms" }
      const cause = new Map(Object.entries(causes)).get(answer) ?? "Expected"
      expect(
        shop
          .logs()
          .slice(logged)
          .filter((line) => line.includes(cause)).length
      ).toBeGreaterThanOrEqual(2)
      await created(customer.post<Order>("/orders", items([product, 1]), key))
    }
  )
})

suite("A shop without pricing", (shop) => {
  test("answers an order without a word of it", async () => {
    const product = await newProduct(shop)
    const customer = await shop.newCustomer()
    const { text } = await customer.post<Order>("/orders", items([product, 2]))
    const uuid = "[0-9a-f-]{36}"
    const time = '"[0-9TZ:.-]{24}"'
    const money = (amount: number) => String.raw`\{"amount":${amount},"currency":"USD"\}`
    const item = String.raw`\{"productId":"${uuid}","name":"Mug","sku":null,"unitPrice":${money(1999)},"quantity":2,"total":${money(3998)}\}`
    expect(text).toMatch(
      new RegExp(
        String.raw`^\{"id":"${uuid}","customerId":"${uuid}","status":"CREATED","items":\[${item}\],"total":${money(3998)},"metadata":\{\},"version":1,"createdAt":${time},"updatedAt":${time}\}$`
      )
    )
  })
})
