import { describe, expect, test } from "vitest"
import { type Figures, render } from "../../../src/cli/extras/Report.ts"
import { inColumns, money } from "../../../src/cli/support/Terminal.ts"
import type { Summary } from "../../../src/domain/analytics/Summary.ts"
import { ProductId } from "../../../src/domain/shared/Ids.ts"

const eur = (amount: number) => ({ amount, currency: "EUR" })
const yen = (amount: number) => ({ amount, currency: "JPY" })

const nothing: Summary = {
  orders: 0,
  revenue: [],
  inTransit: [],
  ordersByStatus: { CREATED: 0, PAID: 0, SHIPPED: 0, COMPLETED: 0, FAILED: 0 }
}

const productId = ProductId.make("01a2093f-bfe2-7642-82fa-838ef7cfb458")

const figures: Figures = {
  summary: {
    orders: 1234,
    revenue: [eur(123456), yen(500)],
    inTransit: [eur(5)],
    ordersByStatus: { CREATED: 1, PAID: 2, SHIPPED: 3, COMPLETED: 1200, FAILED: 28 }
  },
  interval: "day",
  timeZone: "Europe/Berlin",
  sales: [
    { start: new Date("2026-03-28T23:00:00Z"), orders: 40, revenue: [eur(400), yen(500)] },
    { start: new Date("2026-03-29T22:00:00Z"), orders: 0, revenue: [] },
    { start: new Date("2026-03-30T22:00:00Z"), orders: 1, revenue: [eur(10)] }
  ],
  products: [
    { productId, name: "Espresso beans", units: 1000, revenue: [eur(99_900)] },
    { productId, name: "Mug", units: 1, revenue: [eur(1)] }
  ]
}

const paper = { columns: 60, isTerminal: false }
const escape = "\u001b"

describe("The report of sales", () => {
  test("is a table with bars, of every day, in the zone that was asked for", () => {
    expect(render(figures, paper)).toBe(
      [
        "All orders",
        "Orders      1,234: CREATED 1, PAID 2, SHIPPED 3, COMPLETED 1,200, FAILED 28",
        "Revenue     €1,234.56 + ¥500",
        "In transit  €0.05",
        "",
        "Orders that are paid or completed, by day (Europe/Berlin)",
        `2026-03-29  40  €4.00 + ¥500  ${"#".repeat(30)}`,
        "2026-03-30   0             -",
        "2026-03-31   1         €0.10  #",
        "",
        "Units of the best-selling products in this time",
        `Espresso beans  1,000  €999.00  ${"#".repeat(28)}`,
        "Mug                 1    €0.01  #"
      ].join("\n")
    )
  })

  test("has the refunds of all orders, if there are any", () => {
    const summary = { ...figures.summary, refunds: [eur(1500), yen(20)] }
    const [, , revenue, inTransit, refunds] = render({ ...figures, summary }, paper).split("\n")
    expect([revenue, inTransit, refunds]).toEqual([
      "Revenue     €1,234.56 + ¥500",
      "In transit  €0.05",
      "Refunds     €15.00 + ¥20"
    ])
    expect(render(figures, paper)).not.toContain("Refunds")
  })

  test("names months by their months, and says so if nothing was sold", () => {
    const sales = [{ start: new Date("2026-02-28T23:00:00Z"), orders: 0, revenue: [] }]
    const text = render({ ...figures, summary: nothing, interval: "month", sales, products: [] }, paper)
    expect(text).toContain("Revenue     -")
    expect(text).toMatch(/^2026-03 {2}0 {2}-$/m)
    expect(text.endsWith("in this time\n-")).toBe(true)
  })

  test("has colors on a terminal, and nothing but text elsewhere", () => {
    expect(render(figures, { ...paper, isTerminal: true })).toContain("█")
    expect(render(figures, paper)).not.toContain(escape)
  })

  test.each([20, 40, 60, 80, 200])("is no wider than %d columns, where numbers leave room", (columns) => {
    const name = "A very long name 漢字 👩‍👧 of a product that goes on and on and on"
    const long = { ...figures, products: [{ productId, name, units: 7, revenue: [eur(1)] }] }
    const chart = render(long, { columns, isTerminal: false }).split("\n").slice(-1)
    for (const line of chart) {
      const wide = line.replace("漢字", "1234").replace("👩‍👧", "12")
      expect(wide.length).toBeLessThanOrEqual(Math.max(columns, 28))
    }
  })
})

describe("Text in columns", () => {
  test.each([
    ["Mug", 5, "Mug  "],
    ["Mug", 3, "Mug"],
    ["Mugs", 3, "Mu…"],
    ["漢字", 4, "漢字"],
    ["漢字", 3, "漢…"],
    ["漢字", 2, "… "],
    ["漢字", 6, "漢字  "],
    ["👩‍👧", 3, "👩‍👧 "],
    ["e\u0301é", 3, "e\u0301é "],
    ["", 2, "  "],
    [`a${escape}[31mb\nc\rd\u202ee`, 20, "a [31mb c d e       "]
  ])("%j in %d is %j", (text, columns, shown) => expect(inColumns(text, columns)).toBe(shown))
})

describe("Money", () => {
  test.each([
    [eur(0), "€0.00"],
    [eur(5), "€0.05"],
    [eur(1850), "€18.50"],
    [yen(1234567), "¥1,234,567"],
    [{ amount: 1234, currency: "KWD" }, "KWD\u00a01.234"],
    [{ amount: 12345, currency: "HUF" }, "HUF\u00a0123.45"],
    [{ amount: 12345, currency: "IDR" }, "IDR\u00a0123.45"],
    [{ amount: 12345, currency: "IQD" }, "IQD\u00a012.345"],
    [{ amount: 12345, currency: "ISK" }, "ISK\u00a012,345"],
    [{ amount: 12345, currency: "CLF" }, "CLF\u00a01.2345"],
    [{ amount: 12345, currency: "ZZZ" }, "12,345 minor units of ZZZ"],
    [eur(Number.MAX_SAFE_INTEGER), "€90,071,992,547,409.91"]
  ])("%j is written %s", (amount, text) => expect(money(amount)).toBe(text))
})
