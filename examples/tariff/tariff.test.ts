import { deepEqual, equal, rejects } from "node:assert/strict"
import { after, before, test } from "node:test"
import { type Commerce, createCommerce } from "effect-commerce/promise"
import { pricing } from "./tariff.ts"

const eur = (amount: number) => ({ amount, currency: "EUR" })

let commerce: Commerce
const ids: Record<string, string> = {}
before(async () => {
  commerce = await createCommerce({
    database: { embedded: "memory" },
    payments: { gateway: "simulated" },
    pricing
  })
  const { id: categoryId } = await commerce.catalog.createCategory({ name: "Shop" })
  for (const [sku, price, taxClass] of [
    ["MUG", 1200, "standard"],
    ["COFFEE", 890, "reduced"],
    ["BOOK", 2400, "zero"]
  ] as const) {
    const product = await commerce.catalog.createProduct({
      categoryId,
      name: sku.toLowerCase(),
      sku,
      price: eur(price),
      taxClass,
      stock: 100
    })
    ids[sku] = product.id
  }
  await commerce.vouchers.create({ code: "WELCOME", name: "First order", rate: 100_000, perCustomer: 1 })
})
after(() => commerce.close())

const items = (wanted: Readonly<Record<string, number>>) =>
  Object.entries(wanted).map(([sku, quantity]) => ({ productId: ids[sku] ?? "", quantity }))

test("the first order of a customer, by hand", async () => {
  const draft = { customerId: "ada", items: items({ MUG: 3, COFFEE: 2, BOOK: 1 }), codes: ["welcome"] }
  const quote = await commerce.orders.quote(draft)
  const order = await commerce.orders.place({ ...draft, expectedTotal: quote.total })
  // Goods 3 × 12.00 + 2 × 8.90 + 24.00 = 77.80; 2,300 g: delivery 5.90; one mug free: 65.80; 10 % of it: 6.58.
  // Left: mugs 21.60, coffee 16.02, book 21.60. VAT: 27.50 × 19/119 = 4.39, 16.02 × 7/107 = 1.05, none on the book.
  deepEqual(
    order.adjustments?.map(({ code, amount, shares }) => [code, amount.amount, shares]),
    [
      ["delivery", 590, undefined],
      ["3-for-2", 1200, [1200, 0, 0, 0]],
      ["WELCOME", 658, [240, 178, 240, 0]],
      ["vat-standard", 439, [345, 0, 0, 94]],
      ["vat-reduced", 105, [0, 105, 0, 0]],
      ["vat-zero", 0, [0, 0, 0, 0]]
    ]
  )
  deepEqual(order.total, eur(6512))
  equal(
    (await commerce.payments.pay({ orderId: order.id, paymentMethod: "sim_approve" })).amount.amount,
    6512
  )
})

test("the second order, without the voucher and with a lighter parcel", async () => {
  const draft = { customerId: "ada", items: items({ COFFEE: 1 }) }
  await rejects(commerce.orders.place({ ...draft, codes: ["WELCOME"] }), {
    _tag: "VoucherNotValid",
    reason: "used by this customer"
  })
  // 8.90 + 3.90 = 12.80; VAT in it: 8.90 × 7/107 = 0.58 and 3.90 × 19/119 = 0.62.
  const { adjustments, total } = await commerce.orders.place(draft)
  deepEqual(
    adjustments?.map(({ code, amount }) => [code, amount.amount]),
    [
      ["delivery", 390],
      ["vat-standard", 62],
      ["vat-reduced", 58]
    ]
  )
  deepEqual(total, eur(1280))
})
