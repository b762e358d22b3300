import { styleText } from "node:util"
import type { Interval, Sale } from "../../domain/analytics/Sales.ts"
import type { Summary } from "../../domain/analytics/Summary.ts"
import type { TopProduct } from "../../domain/analytics/TopProducts.ts"
import type { LargeSum, Money } from "../../domain/shared/Money.ts"
import { bar, columnsOf, inColumns, money, type Screen, whole } from "../support/Terminal.ts"

/** Data of the report. Sales contain every interval, also those without orders. */
export interface Figures {
  readonly summary: Summary
  readonly interval: Interval
  readonly timeZone: string
  readonly sales: ReadonlyArray<Sale>
  readonly products: ReadonlyArray<TopProduct>
}

/** One line of a chart: name, number, and note. */
interface Line {
  readonly name: string
  readonly count: number
  readonly note: string
}

/** A sum beyond what a number carries is shown in minor units. */
const amounts = (list: ReadonlyArray<Money>, overflow: ReadonlyArray<LargeSum> = []): string =>
  [...list.map(money), ...overflow.map(({ amount, currency }) => `${amount} ${currency} (minor units)`)].join(
    " + "
  ) || "-"

const widest = (texts: ReadonlyArray<string>): number => Math.max(0, ...texts.map(columnsOf))

/** Aligns names, numbers, notes and bars. Names are shortened first, then bars. */
const chart = (lines: ReadonlyArray<Line>, screen: Screen): ReadonlyArray<string> => {
  const counts = widest(lines.map(({ count }) => whole(count)))
  const notes = widest(lines.map(({ note }) => note))
  const left = Math.max(8, screen.columns - counts - notes - 6)
  const names = Math.min(widest(lines.map(({ name }) => name)), Math.max(8, Math.floor(left * 0.6)))
  const most = Math.max(1, ...lines.map(({ count }) => count))
  return lines.map(({ name, count, note }) => {
    const drawn = bar(screen, count / most, Math.max(0, left - names))
    const text = `${inColumns(name, names)}  ${whole(count).padStart(counts)}  ${note.padStart(notes)}`
    return `${text}  ${screen.isTerminal ? styleText("cyan", drawn) : drawn}`.trimEnd()
  })
}

const dateFormat = (interval: Interval, timeZone: string) => {
  const format = new Intl.DateTimeFormat("sv", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit"
  })
  return (start: Date) => format.format(start).slice(0, interval === "month" ? 7 : 10)
}

const totals = ({
  inTransit,
  inTransitOverflow,
  orders,
  ordersByStatus,
  refunds,
  refundsOverflow,
  revenue,
  revenueOverflow
}: Summary): ReadonlyArray<string> => {
  const statuses = Object.entries(ordersByStatus).map(([status, count]) => `${status} ${whole(count)}`)
  return [
    `Orders      ${whole(orders)}: ${statuses.join(", ")}`,
    `Revenue     ${amounts(revenue, revenueOverflow)}`,
    `In transit  ${amounts(inTransit, inTransitOverflow)}`,
    ...(refunds === undefined ? [] : [`Refunds     ${amounts(refunds, refundsOverflow)}`])
  ]
}

/** A line about the orders of a shop: number and revenue, with a tab between them. */
export const lineOf = ({ orders, revenue, revenueOverflow }: Summary): string =>
  `${orders}\t${amounts(revenue, revenueOverflow)}`

/** Renders the report as text. Bars show orders and units, which are comparable across currencies. */
export const render = (figures: Figures, screen: Screen): string => {
  const { summary, interval, timeZone, sales, products } = figures
  const heading = (text: string) => (screen.isTerminal ? styleText("bold", text) : text)
  const date = dateFormat(interval, timeZone)
  const sold = sales.map(({ start, orders, revenue, revenueOverflow }) => ({
    name: date(start),
    count: orders,
    note: amounts(revenue, revenueOverflow)
  }))
  const top = products.map(({ name, units, revenue, revenueOverflow }) => ({
    name,
    count: units,
    note: amounts(revenue, revenueOverflow)
  }))
  return [
    heading("All orders"),
    ...totals(summary),
    "",
    heading(`Orders that are paid or completed, by ${interval} (${timeZone})`),
    ...chart(sold, screen),
    "",
    heading("Units of the best-selling products in this time"),
    ...(top.length === 0 ? ["-"] : chart(top, screen))
  ].join("\n")
}
