import { type Basket, type BasketLine, type PricingFunction, tariff } from "effect-commerce/promise"

/** Grams of one unit, by SKU. They come from the catalog of the host. */
const grams: Readonly<Record<string, number>> = { MUG: 400, COFFEE: 250, BOOK: 600 }

const weightOf = ({ lines }: Basket) =>
  lines.reduce((sum, { product, quantity }) => sum + (grams[product.sku ?? ""] ?? 0) * quantity, 0)

/** Delivery by weight class: up to 1 kg, up to 5 kg, more. Minor units. */
const delivery: PricingFunction = (basket) => {
  const weight = weightOf(basket)
  const amount = weight <= 1000 ? 390 : weight <= 5000 ? 590 : 990
  return [{ kind: "fee", code: "delivery", name: "Delivery", amount }]
}

const everyThird = ({ product, quantity }: BasketLine) => Math.floor(quantity / 3) * product.price.amount

/** Three for two: every third mug is free. */
const threeForTwo: PricingFunction = ({ lines }) =>
  lines
    .filter((line) => line.product.sku === "MUG" && line.quantity >= 3)
    .map((line) => ({
      kind: "discount",
      code: "3-for-2",
      name: "Three for two",
      amount: everyThird(line),
      on: { items: [line.product.id] }
    }))

const vat = (taxClass: string, rate: number, fees: ReadonlyArray<string> = []) => ({
  part: "tax" as const,
  code: `vat-${taxClass}`,
  name: `VAT ${rate / 10_000} %`,
  rate,
  included: true,
  goods: { taxClasses: [taxClass] },
  fees
})

/** Prices include VAT at three rates. Delivery bears the standard rate. Vouchers come after the three for two. */
export const pricing = tariff("EUR", [
  delivery,
  threeForTwo,
  vat("standard", 190_000, ["delivery"]),
  vat("reduced", 70_000),
  vat("zero", 0)
])
