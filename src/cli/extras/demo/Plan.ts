import { type Dice, dice } from "./Dice.ts"
import { type Goods, goods } from "./Goods.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** A product with its initial stock. */
export interface PlannedProduct extends Goods {
  readonly sku: string
  readonly stock: number
}

/** An order with the times of its events in milliseconds. Events after the end of the year are left out. */
export interface PlannedOrder {
  /** Its name, the same in every plan of a seed. */
  readonly name: string
  readonly customerId: string
  /** Indexes of products in the plan, with quantities. */
  readonly lines: ReadonlyArray<{ readonly product: number; readonly quantity: number }>
  readonly placed: number
  readonly paid?: number
  readonly declined?: number
  readonly expired?: number
  readonly shipped?: number
  readonly completed?: number
}

/** A year of a shop. Orders are sorted by time. */
export interface Plan {
  readonly begin: number
  readonly products: ReadonlyArray<PlannedProduct>
  readonly orders: ReadonlyArray<PlannedOrder>
}

const busiest = 2 * 1.4

/** Relative load at a time: it grows over the year, and is higher at weekends and in the evening. */
const busy = (time: number, begin: number): number => {
  const date = new Date(time)
  const weekday = date.getUTCDay() % 6 === 0 ? 1.4 : 1
  const evening = (1 - Math.cos(((date.getUTCHours() - 5) / 24) * 2 * Math.PI)) / 2
  return ((time - begin) / year + 1) * weekday * (0.1 + 0.9 * evening)
}

/** Returns a random time of the year, weighted by load. */
const timeOf = ({ roll }: Dice, begin: number): number => {
  for (;;) {
    const time = begin + Math.floor(roll() * year)
    if (roll() * busiest <= busy(time, begin)) return time
  }
}

const hex = ({ between }: Dice, digits: number) =>
  Array.from({ length: digits }, () => between(0, 15).toString(16)).join("")

const customer = (own: Dice) =>
  `${hex(own, 8)}-${hex(own, 4)}-4${hex(own, 3)}-8${hex(own, 3)}-${hex(own, 12)}`

/**
 * Decides the events of an order. Of 100 orders, three are declined, four are never paid, and the others are
 * shipped within days.
 */
const fate = ({ between }: Dice, placed: number): Partial<PlannedOrder> => {
  const paid = placed + between(1, 20) * minute
  const luck = between(1, 100)
  if (luck <= 3) return { declined: paid }
  if (luck <= 7) return { expired: placed + day }
  const shipped = paid + between(4, 60) * hour
  return { paid, shipped, completed: shipped + between(20, 120) * hour }
}

/** Removes events after the end of the year. */
const until = (end: number, steps: Partial<PlannedOrder>): Partial<PlannedOrder> =>
  Object.fromEntries(Object.entries(steps).filter(([, at]) => Number(at) < end))

/** Chooses products: a few sell often, most sell rarely. */
const linesOf = ({ roll, between }: Dice, products: number) =>
  Array.from({ length: between(1, 4) }, () => ({
    product: Math.floor(products * roll() ** 2),
    quantity: roll() < 0.8 ? 1 : between(2, 5)
  }))

/**
 * Plans the year before `end`. The same seed and end give the same plan. Every product has enough stock, some
 * exactly enough.
 */
export const plan = (options: {
  readonly products: number
  readonly orders: number
  readonly seed: number
  readonly end: number
}): Plan => {
  const { seed, end } = options
  const own = dice(seed)
  const begin = end - year
  const shelf = goods(own, options.products)
  const customers = Array.from({ length: Math.ceil(options.orders / 8) }, () => customer(own))
  const times = Array.from({ length: options.orders }, () => timeOf(own, begin)).sort((a, b) => a - b)
  const demand = shelf.map(() => 0)
  const orders = times.map((placed, n): PlannedOrder => {
    const lines = linesOf(own, shelf.length)
    for (const { product, quantity } of lines) demand[product] = (demand[product] ?? 0) + quantity
    const customerId = customers[own.between(0, customers.length - 1)] ?? customer(own)
    return { name: `${seed}-${n + 1}`, customerId, lines, placed, ...until(end, fate(own, placed)) }
  })
  const products = shelf.map((one, n) => ({
    ...one,
    sku: `DEMO-${seed}-${n + 1}`,
    stock: (demand[n] ?? 0) + (own.roll() < 0.05 ? 0 : own.between(1, 200))
  }))
  return { begin, products, orders }
}
