import { Arbitrary, Result, Schema } from "effect"
import { type Account, Role } from "../domain/Account.ts"
import { advance } from "../domain/Advancing.ts"
import type { Period, Tally } from "../domain/Analytics.ts"
import type { Category } from "../domain/Category.ts"
import { AccountId, CategoryId, CustomerId, OrderId, PaymentId, ProductId } from "../domain/Id.ts"
import { OrderStatus, type Step } from "../domain/Lifecycle.ts"
import { largest, type Money } from "../domain/Money.ts"
import type { Metadata, Order, OrderEvent } from "../domain/Order.ts"
import { begin, type Outcome, type Payment, settle } from "../domain/Payment.ts"
import { type Draft, type Placed, place } from "../domain/Placing.ts"
import type { NewProduct, Product, ProductChange, StockAdjustment } from "../domain/Product.ts"

type Gen<A> = Arbitrary.Arbitrary<A>

/** A whole number from `min` to `max`, those near the bounds far more often than the others. */
export const int = (min: number, max: number): Gen<number> =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: min, maximum: max })))

const indexOf = (values: ReadonlyArray<unknown>) =>
  Arbitrary.schema(Schema.Literals(Array.from(values.keys())), { shrink: (i) => (i === 0 ? [] : [0]) })

/** Any of the values alike; failures shrink to the first. */
export const pick = <const A>(values: ReadonlyArray<A>): Gen<A> =>
  Arbitrary.map(indexOf(values), (i) => values[i] as A)

/** What any of the generators makes, each alike; failures shrink to the first. */
export const oneOf = <A>(generators: ReadonlyArray<Gen<A>>): Gen<A> =>
  Arbitrary.flatMap(pick(generators), (generator) => generator)

/** A plain object of the fields; `Arbitrary.all` by itself makes some without a prototype, which no decoder does. */
export const struct = <A extends object>(fields: { readonly [K in keyof A]-?: Gen<A[K]> }): Gen<A> =>
  Arbitrary.map(Arbitrary.all(fields), (value) => ({ ...value }) as A)

/** A plain object of the fields, without those that come out as `undefined`. */
export const partial = <A extends object>(fields: { readonly [K in keyof A]-?: Gen<A[K]> }): Gen<A> =>
  Arbitrary.map(
    struct(fields),
    (value) => Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as A
  )

const maybe = <A>(generator: Gen<A>): Gen<A | undefined> => oneOf([pick([undefined]), generator])
const nullable = <A>(generator: Gen<A>): Gen<A | null> => oneOf([pick([null]), generator])

// Text

const readable = pick([..."abZ7éßİΣςﬁ漢\u05e2🛒", "e\u0301", "H\u0331", "👩\u200d👧"])
const invisible = "\t\u0001\u007f\u00a0\u200b\u202e\u2028\ufeff\uffff\ue000\u{10ffff}"
const awkward = pick([" ", ...invisible, ...`'"\\%_/~,.-`, "\r\n", "$1", ";--", "<b>", "{}"])
const piece = oneOf([readable, awkward])

const cut = (text: string, max: number) => Array.from(text).slice(0, max).join("")

/** One in fifty is as long as it may be. */
const stretched = (text: Gen<string>, max: number): Gen<string> =>
  Arbitrary.map(Arbitrary.all([text, indexOf(Array.from({ length: 50 }))]), ([short, i]) =>
    cut(i === 49 ? short + "🛒".repeat(max) : short, max)
  )

/** Text that `Text(max)` takes: Unicode of every kind, what SQL, HTML and JSON treat specially, white space, nothing. */
export const text = (max: number): Gen<string> =>
  stretched(
    Arbitrary.map(Arbitrary.array(piece, { maxLength: max }), (pieces) => pieces.join("")),
    max
  )

/** Text that `Name(max)` takes, if `max` is at least 10: there is something to read in it. */
export const name = (max: number): Gen<string> =>
  stretched(
    Arbitrary.map(
      Arbitrary.all([Arbitrary.array(awkward, { maxLength: 2 }), readable, Arbitrary.array(piece)]),
      ([before, first, after]) => [...before, first, ...after].join("")
    ),
    max
  )

// Accounts

/** Times between 2020 and 2040, in milliseconds as every store keeps them. */
export const time: Gen<Date> = Arbitrary.map(
  int(Date.UTC(2020), Date.UTC(2040)),
  (milliseconds) => new Date(milliseconds)
)

const mailbox = Arbitrary.map(
  Arbitrary.array(pick(["a", "B", "0", ".", "+", "é", "ß", "漢", "🛒", "'", "%", "_"]), {
    minLength: 1,
    maxLength: 60
  }),
  (pieces) => pieces.join("")
)

/** Addresses that `Email` takes, and not only pretty ones. */
export const email: Gen<string> = Arbitrary.map(
  Arbitrary.all([mailbox, oneOf([pick(["example.com", "localhost"]), mailbox])]),
  ([local, domain]) => `${local}@${domain}`
)

const utf8 = new TextEncoder()

/** Passwords that the policy takes, half of them exactly as long as bcrypt reads. */
export const password: Gen<string> = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.array(pick(["p", "W", "1", " ", "é", "漢", "🛒"]), { minLength: 8, maxLength: 18 }),
    pick([false, true])
  ]),
  ([pieces, full]) => {
    const short = pieces.join("")
    return full ? short + "x".repeat(72 - utf8.encode(short).length) : short
  }
)

export const account: Gen<Account> = struct({
  id: Arbitrary.schema(AccountId),
  email,
  role: pick(Role.literals),
  createdAt: time
})

// Catalog

export const category: Gen<Category> = struct({
  id: Arbitrary.schema(CategoryId),
  name: name(100),
  createdAt: time
})

const currency = pick(["EUR", "USD", "JPY", "KWD"])

/** An amount from nothing to the largest safe integer, in one of a few currencies. */
export const money: Gen<Money> = struct({
  amount: oneOf([int(0, 100_000), int(0, Number.MAX_SAFE_INTEGER)]),
  currency
})

/** A price from nothing to the largest one, in one of a few currencies. */
export const price: Gen<Money> = struct({ amount: oneOf([int(0, 100_000), int(0, largest)]), currency })

export const stock: Gen<number> = oneOf([int(0, 100), int(0, largest)])

const described = { description: nullable(text(10_000)), sku: nullable(name(64)) }

/** Products of which some fields are made in another way. */
export const productWith = (fields: { readonly [K in keyof Product]?: Gen<Product[K]> }): Gen<Product> =>
  Arbitrary.map(
    struct({
      id: Arbitrary.schema(ProductId),
      categoryId: Arbitrary.schema(CategoryId),
      name: name(200),
      ...described,
      price,
      stock,
      active: pick([true, false]),
      createdAt: time,
      updatedAt: time,
      ...fields
    }),
    (product) => ({ ...product, updatedAt: latest(product.createdAt, product.updatedAt) })
  )

const latest = (a: Date, b: Date) => (a > b ? a : b)

export const product: Gen<Product> = productWith({})

export const newProduct: Gen<NewProduct> = partial({
  categoryId: Arbitrary.schema(CategoryId),
  name: name(200),
  description: maybe(described.description),
  sku: maybe(described.sku),
  price,
  stock
})

/** Changes of any of a product's fields, of all, of none. */
export const productChange: Gen<ProductChange> = partial({
  categoryId: maybe(Arbitrary.schema(CategoryId)),
  name: maybe(name(200)),
  description: maybe(described.description),
  sku: maybe(described.sku),
  price: maybe(price),
  active: maybe(pick([true, false]))
})

/** Adjustments of a few units up or down, and huge ones. */
export const stockAdjustment: Gen<StockAdjustment> = partial({
  delta: Arbitrary.map(oneOf([int(-100, 100), int(-largest, largest)]), (delta) => delta || 1),
  reason: maybe(nullable(text(500)))
})

// Orders

export const quantity: Gen<number> = oneOf([int(1, 100), int(1, 1_000_000)])

const key = oneOf([name(40), pick(["", "1", "a/b", "~", "__proto__", "constructor"])])

/** Metadata of at most 4 KiB, with the keys that careless code stumbles over. */
export const metadata: Gen<Metadata> = Arbitrary.map(
  Arbitrary.array(Arbitrary.all([key, text(4096)]), { maxLength: 5 }),
  (entries) => {
    const whole = Object.fromEntries(entries)
    return utf8.encode(JSON.stringify(whole)).length <= 4096 ? whole : {}
  }
)

/** A draft and the products that it is decided against. */
export interface Placing {
  readonly products: ReadonlyMap<ProductId, Product>
  readonly draft: Draft
}

/** What goes wrong in a placing, or may. */
interface Mood {
  readonly currency: Gen<string>
  readonly price: Gen<number>
  readonly stock: Gen<number>
  readonly active: Gen<boolean>
  readonly quantity: Gen<number>
  readonly known: Gen<boolean>
  readonly expected: Gen<"nothing" | "the total" | "too little">
}

const calm: Mood = {
  currency: pick(["EUR"]),
  price: int(0, 1_000_000),
  stock: int(1000, largest),
  active: pick([true]),
  quantity: int(1, 100),
  known: pick([true]),
  expected: pick(["nothing", "the total"])
}
const mostly = pick([true, true, true, true, true, false])
const shortages: Mood = { ...calm, stock: int(0, 30), quantity: int(1, 15) }
const inactive: Mood = { ...calm, active: mostly }
const unknown: Mood = { ...calm, known: mostly }
const mixed: Mood = { ...calm, currency: pick(["EUR", "EUR", "EUR", "USD", "JPY"]) }
const huge: Mood = {
  ...calm,
  price: oneOf([calm.price, int(largest / 2, largest)]),
  stock: int(10_000_000, largest),
  quantity: oneOf([calm.quantity, int(1, 9007), int(1, 1_000_000)])
}
const repriced: Mood = { ...calm, expected: pick(["too little", "the total"]) }
const chaos: Mood = { ...huge, ...shortages, active: mostly, known: mostly, currency: mixed.currency }

const catalogIn = (mood: Mood): Gen<ReadonlyMap<ProductId, Product>> =>
  Arbitrary.map(
    Arbitrary.array(
      productWith({
        price: struct({ amount: mood.price, currency: mood.currency }),
        stock: mood.stock,
        active: mood.active
      }),
      { minLength: 1, maxLength: 6 }
    ),
    (products) => new Map(products.map((product) => [product.id, product]))
  )

const draftIn = (mood: Mood) => {
  const asked = Arbitrary.all({
    customerId: Arbitrary.schema(CustomerId),
    stranger: Arbitrary.schema(ProductId),
    lines: Arbitrary.array(
      Arbitrary.all({
        which: int(0, 11),
        known: mood.known,
        quantity: mood.quantity
      }),
      { minLength: 1, maxLength: 10 }
    ),
    expected: mood.expected,
    metadata: maybe(metadata)
  })
  return (products: ReadonlyArray<Product>): Gen<Draft> =>
    Arbitrary.map(asked, ({ customerId, stranger, lines, expected, metadata }) => {
      const units = new Map<ProductId, number>()
      let total = 0n
      const items: Array<Draft["items"][number]> = []
      for (const { which, known, quantity } of lines) {
        const product = known ? products[which % products.length] : undefined
        const productId = product?.id ?? stranger
        const merged = (units.get(productId) ?? 0) + quantity
        if (merged > 1_000_000) continue
        units.set(productId, merged)
        items.push({ productId, quantity })
        total += BigInt(product?.price.amount ?? 0) * BigInt(quantity)
      }
      const amount = expected === "the total" ? Number(total) : Math.max(0, Number(total) - 1)
      const currency = products[0]?.price.currency ?? "EUR"
      return {
        customerId,
        items,
        ...(expected !== "nothing" &&
          Number.isSafeInteger(amount) && { expectedTotal: { amount, currency } }),
        ...(metadata && { metadata })
      }
    })
}

const placingIn = (mood: Mood): Gen<Placing> => {
  const draftOver = draftIn(mood)
  return Arbitrary.flatMap(catalogIn(mood), (products) =>
    Arbitrary.map(draftOver([...products.values()]), (draft) => ({ products, draft }))
  )
}

/** One to six products by id: some inactive, with little stock, in several currencies. */
export const catalog: Gen<ReadonlyMap<ProductId, Product>> = catalogIn(chaos)

/** Drafts of some of these products, now and then of one that nobody knows. */
export const draft: (products: ReadonlyArray<Product>) => Gen<Draft> = draftIn(chaos)

/** A draft that becomes an order. */
export const placeable: Gen<Placing> = placingIn(calm)

/**
 * A draft that becomes an order, or one with shortages, inactive or unknown products, mixed currencies, amounts
 * that overflow, a changed price, or all of this at once.
 */
export const placing: Gen<Placing> = oneOf(
  [calm, shortages, inactive, unknown, mixed, huge, repriced, chaos].map(placingIn)
)

/** Who makes a change, and when. */
export interface Stamp {
  readonly at: Date
  readonly by: string
}

/** Anybody, at any time. */
export const stamp: Gen<Stamp> = struct({ at: time, by: oneOf([pick(["system"]), name(200)]) })

/** What was asked for, what became of it, and every event since. */
export interface History extends Placing {
  readonly order: Order
  readonly events: readonly [OrderEvent, ...Array<OrderEvent>]
}

const follow = (placing: Placing, { order, event }: Placed, path: ReadonlyArray<Step>, by: string): History =>
  path.reduce<History>(
    (history, step) => {
      const at = new Date(history.order.updatedAt.getTime() + 60_000)
      const next = Result.getOrThrow(advance(history.order, step, { at, by }))
      return { ...placing, order: next.order, events: [...history.events, next.event] }
    },
    { ...placing, order, events: [event] }
  )

const historyOver = (paths: ReadonlyArray<ReadonlyArray<Step>>): Gen<History> =>
  Arbitrary.map(
    Arbitrary.all({ placing: placeable, id: Arbitrary.schema(OrderId), stamp, path: pick(paths) }),
    ({ placing, id, stamp, path }) =>
      follow(
        placing,
        Result.getOrThrow(place(placing.draft, placing.products, { ...stamp, id })),
        path,
        stamp.by
      )
  )

/** Orders with all that happened to them, in every status. */
export const history: Gen<History> = historyOver([
  [],
  ["paid"],
  ["paid", "shipped"],
  ["paid", "shipped", "completed"],
  ["declined"],
  ["expired"]
])

/** Orders in every status, as `place` and `advance` made them. */
export const order: Gen<Order> = Arbitrary.map(history, ({ order }) => order)

/** Orders that have just been placed. */
export const createdOrder: Gen<Order> = Arbitrary.map(historyOver([[]]), ({ order }) => order)

// Payments

export const outcome: Gen<Outcome> = pick(["APPROVED", "DECLINED", "CANCELLED"])

export const paymentMethod: Gen<string> = oneOf([pick(["sim_approve", "sim_decline"]), name(200)])

/** A pending payment and the order that it is for. */
export const pendingPayment: Gen<{ readonly payment: Payment; readonly order: Order }> = Arbitrary.map(
  Arbitrary.all({ order: createdOrder, id: Arbitrary.schema(PaymentId), paymentMethod, at: time }),
  ({ order, ...attempt }) => ({ order, payment: Result.getOrThrow(begin(order, false, attempt)) })
)

/** Payments in every status, as `begin` and `settle` made them. */
export const payment: Gen<Payment> = Arbitrary.map(
  Arbitrary.all([pendingPayment, maybe(outcome), stamp]),
  ([{ payment, order }, outcome, stamp]) =>
    outcome === undefined ? payment : settle(payment, order, outcome, stamp).payment
)

/** 1 to 255 visible ASCII characters. */
export const idempotencyKey: Gen<string> = Arbitrary.map(
  Arbitrary.array(int(0x21, 0x7e), { minLength: 1, maxLength: 255 }),
  (codes) => String.fromCharCode(...codes)
)

// Analytics

/** Open and closed periods, also some that end before they begin. */
export const period: Gen<Period> = partial({ from: maybe(time), to: maybe(time) })

/** Tallies of small and of enormous sums. */
export const tally: Gen<Tally> = struct({
  status: pick(OrderStatus.literals),
  currency,
  orders: int(1, 1_000_000),
  amount: Arbitrary.map(oneOf([int(0, 100_000), int(0, Number.MAX_SAFE_INTEGER)]), BigInt)
})
