import { expect, test } from "vitest"
import { expectFaults, expectProblem } from "../support/Expect.ts"
import { books, items, newCategory, newOrder, newProduct, usd } from "../support/Given.ts"
import type { Code } from "../support/Shapes.ts"
import { suite } from "../support/Shop.ts"
import type { Order, Product } from "../support/Types.ts"

const nowhere = "01890000-0000-7000-8000-000000000000"

interface Goods {
  readonly mug: Product
  readonly bowl: Product
  /** Two are left. */
  readonly scarce: Product
  readonly inactive: Product
  readonly inEuros: Product
  /** A million of it cost more than a safe integer. */
  readonly dear: Product
  readonly dearToo: Product
}

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => [{ id: `${n}`.padStart(8, "0") + nowhere.slice(8) }, 1] as const)

suite("Orders that are refused", (shop) => {
  const newGoods = async (): Promise<Goods> => {
    const { id: categoryId } = await newCategory(shop)
    const make = (wanted: object = {}) => newProduct(shop, { categoryId, ...wanted })
    const inactive = await make()
    await shop.admin.patch(`/products/${inactive.id}`, { active: false })
    return {
      mug: await make(),
      bowl: await make(),
      scarce: await make({ stock: 2 }),
      inactive,
      inEuros: await make({ price: { amount: 5, currency: "EUR" } }),
      dear: await make({ price: usd(10 ** 12), stock: 10 ** 6 }),
      dearToo: await make({ price: usd(10 ** 12), stock: 10 ** 6 })
    }
  }

  /** A customer with one order, who then asks for what must be refused; nothing may have changed by it. */
  const refused = async (wish: (goods: Goods) => object) => {
    const goods = await newGoods()
    const customer = await shop.newCustomer()
    await newOrder(customer, [goods.mug, 1], [goods.bowl, 1])
    const record = () => books(shop, customer, ...Object.values(goods))
    const before = await record()
    const answer = await customer.post<Order>("/orders", wish(goods))
    expect(await record()).toEqual(before)
    return { answer, goods }
  }

  test.each([0, -5, 1.5, 1e9, 1_000_001, "2", "two", null, undefined, true, [2], {}])(
    "a quantity of %j",
    async (quantity) => {
      const { answer } = await refused(({ mug, bowl }) => items([bowl, 1], [mug, quantity]))
      expectFaults(answer, "/items/1/quantity")
    }
  )

  test.each([
    ["no items", { items: [] }, "/items"],
    ["items that are no list", { items: "mug" }, "/items"],
    ["items that are null", { items: null }, "/items"],
    ["nothing at all", {}, "/items"],
    ["101 products", items(...many(101)), "/items"],
    ["an item that is null", { items: [null] }, "/items/0"],
    ["a product id that is none", items([{ id: "mug" }, 1]), "/items/0/productId"],
    ["a product id with U+0000", items([{ id: `${nowhere}\u0000` }, 1]), "/items/0/productId"],
    ["no product id", { items: [{ quantity: 1 }] }, "/items/0/productId"]
  ])("%s", async (_, wish, path) => {
    expectFaults((await refused(() => wish)).answer, path)
  })

  test("units of a product that are too many only together", async () => {
    const { answer } = await refused(({ mug }) => items([mug, 600_000], [mug, 600_000]))
    expectFaults(answer, "/items")
  })

  test("every fault is listed, where it is", async () => {
    const { answer } = await refused(({ mug }) => ({
      items: [
        { productId: mug.id, quantity: 0 },
        { productId: "x", quantity: "y" },
        { productId: mug.id, quantity: 1 }
      ],
      expectedTotal: { amount: -1, currency: "usd" },
      metadata: { a: 1 }
    }))
    expectFaults(
      answer,
      "/items/0/quantity",
      "/items/1/productId",
      "/items/1/quantity",
      "/expectedTotal/amount",
      "/expectedTotal/currency",
      "/metadata/a"
    )
  })

  const refusals: ReadonlyArray<readonly [string, (goods: Goods) => object, Code, (goods: Goods) => object]> =
    [
      [
        "a product that is not there",
        ({ mug, bowl }) => items([mug, 1], [{ id: nowhere }, 1], [bowl, 1]),
        "product-not-found",
        () => ({ productId: nowhere })
      ],
      [
        "a product that is not for sale",
        ({ mug, inactive }) => items([mug, 1], [inactive, 1]),
        "product-unavailable",
        ({ inactive }) => ({ productId: inactive.id })
      ],
      [
        "a stock that is one short in the third of three lines",
        ({ mug, bowl, scarce }) => items([mug, 1], [bowl, 1], [scarce, 3]),
        "insufficient-stock",
        ({ scarce }) => ({ shortages: [{ productId: scarce.id, requested: 3, available: 2 }] })
      ],
      [
        "stocks that are short in several lines, a product named twice among them",
        ({ mug, bowl, scarce }) => items([scarce, 1], [bowl, 1], [mug, 10], [scarce, 2]),
        "insufficient-stock",
        ({ mug, scarce }) => ({
          shortages: [
            { productId: scarce.id, requested: 3, available: 2 },
            { productId: mug.id, requested: 10, available: 9 }
          ]
        })
      ],
      [
        "two currencies",
        ({ mug, inEuros }) => items([mug, 1], [inEuros, 1]),
        "mixed-currencies",
        () => ({ currencies: ["EUR", "USD"] })
      ],
      ["a line that is too dear", ({ dear }) => items([dear, 10 ** 6]), "amount-overflow", () => ({})],
      [
        "a total that is too dear",
        ({ dear, dearToo }) => items([dear, 9000], [dearToo, 9]),
        "amount-overflow",
        () => ({})
      ]
    ]

  test.each(refusals)("%s", async (_, wish, code, data) => {
    const { answer, goods } = await refused(wish)
    expectProblem(answer, code === "product-not-found" ? 404 : 409, code, data(goods))
  })

  test("100 products and a million units are still taken", async () => {
    const customer = await shop.newCustomer()
    const { id: categoryId } = await newCategory(shop)
    const make = () => newProduct(shop, { categoryId, price: usd(1), stock: 1_000_000 })
    const hundred = await Promise.all(Array.from({ length: 100 }, make))
    const order = await newOrder(customer, ...hundred.map((product) => [product, 1_000_000] as const))
    expect(order.items.length).toBe(100)
    expect(order.total).toEqual(usd(100_000_000))
  })
})
