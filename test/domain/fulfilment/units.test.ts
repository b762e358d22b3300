/** Laws of units, and of what the customer owes for those that are left: for all orders and all steps. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result } from "effect"
import { type Cancellation, cancelItems } from "../../../src/domain/fulfilment/CancelItems.ts"
import { currentTotal } from "../../../src/domain/fulfilment/CurrentTotal.ts"
import { returnItems } from "../../../src/domain/fulfilment/ReturnItems.ts"
import { shipItems } from "../../../src/domain/fulfilment/ShipItems.ts"
import {
  heldUnits,
  InsufficientUnits,
  linesOf,
  openUnits,
  unitsOf
} from "../../../src/domain/fulfilment/Units.ts"
import { advance } from "../../../src/domain/orders/AdvanceOrder.ts"
import { IllegalTransition, lifecycle } from "../../../src/domain/orders/Lifecycle.ts"
import { type Order, PaymentInProgress } from "../../../src/domain/orders/Order.ts"
import { type AdjustmentRequest, wholeRate } from "../../../src/domain/pricing/Adjustment.ts"
import { priceOrder } from "../../../src/domain/pricing/PriceOrder.ts"
import { CustomerId, OrderId, ProductId } from "../../../src/domain/shared/Ids.ts"
import { int } from "../../../src/testing/generators/Values.ts"

const at = new Date(0)
const attribution = { at, actor: "a test" }
const productId = (n: number) => ProductId.make(`0197f3a0-0000-7000-8000-00000000000${n}`)

interface Goods {
  readonly price: number
  readonly quantity: number
}

/** An order of goods, with the figures that some requests ask for. */
const orderOf = (goods: ReadonlyArray<Goods>, requests: ReadonlyArray<AdjustmentRequest> = []): Order => {
  const items = goods.map(({ price, quantity }, n) => ({
    productId: productId(n),
    name: `product ${n}`,
    sku: null,
    unitPrice: { amount: price, currency: "EUR" },
    quantity,
    total: { amount: price * quantity, currency: "EUR" }
  })) as unknown as Order["items"]
  const { adjustments, total } = Result.getOrThrow(priceOrder(items, requests))
  return {
    id: OrderId.make("0197f3a0-0000-7000-8000-0000000000ff"),
    customerId: CustomerId.make("0197f3a0-0000-7000-8000-0000000000aa"),
    status: "CREATED",
    items,
    ...(adjustments.length > 0 && { adjustments }),
    total,
    metadata: {},
    version: 1,
    createdAt: at,
    updatedAt: at
  }
}

const paid = (order: Order): Order => Result.getOrThrow(advance(order, "paid", attribution)).order

const item = (n: number, quantity: number) => ({ productId: productId(n), quantity })
const ship = (order: Order, ...items: ReadonlyArray<{ productId: ProductId; quantity: number }>) =>
  Result.getOrThrow(
    items.length === 0 ? advance(order, "shipped", attribution) : shipItems(order, items, attribution)
  ).order
const cancel = (order: Order, cancellation: Cancellation = "all") =>
  Result.getOrThrow(cancelItems(order, cancellation, false, attribution)).order
const takeBack = (order: Order, ...items: ReadonlyArray<{ productId: ProductId; quantity: number }>) =>
  Result.getOrThrow(returnItems(order, { items }, attribution)).order
const owed = (order: Order) => currentTotal(order).amount

const percentage = (percent: number) => (percent * wholeRate) / 100
const discount = (code: string, value: { rate: number } | { amount: number }): AdjustmentRequest =>
  ({ kind: "discount", code, name: code, ...value }) as AdjustmentRequest
const fee = (code: string, amount: number): AdjustmentRequest => ({ kind: "fee", code, name: code, amount })
const tax = (code: string, percent: number, included = false): AdjustmentRequest => ({
  kind: "tax",
  code,
  name: code,
  included,
  rate: percentage(percent)
})

const small = (max: number, min = 0) => int(min, max)
const goods: Arbitrary.Arbitrary<Goods> = Arbitrary.all({ price: small(3000), quantity: small(5, 1) })
const requests = Arbitrary.map(
  Arbitrary.all({
    fees: small(2),
    rate: small(100),
    fixed: small(2000),
    percent: small(25),
    included: small(1)
  }),
  ({ fees, rate, fixed, percent, included }): ReadonlyArray<AdjustmentRequest> => [
    ...Array.from({ length: fees }, (_, n) => fee(`fee ${n}`, 500 + n)),
    ...(rate > 50 ? [discount("rate", { rate: percentage(rate - 50) })] : []),
    ...(fixed > 1000 ? [discount("fixed", { amount: fixed - 1000 })] : []),
    ...(percent > 5 ? [tax("vat", percent, included === 1), tax("city", 3, included === 1)] : [])
  ]
)

/** What a random step asks for: which kind, of which line, how many units, how many to restock. */
const step = Arbitrary.all({ kind: small(7), line: small(3), quantity: small(5, 1), restock: small(5) })
const order = Arbitrary.map(
  Arbitrary.all({
    goods: Arbitrary.array(goods, { minLength: 1, maxLength: 3 }),
    requests,
    isPaid: small(3)
  }),
  ({ goods, requests, isPaid }) => {
    const placed = orderOf(goods, requests)
    return isPaid > 0 ? paid(placed) : placed
  }
)
const steps = Arbitrary.array(step, { maxLength: 12 })

/** Takes a random step if it is allowed. Else the order stays as it is. */
const take = (
  order: Order,
  { kind, line, quantity, restock }: typeof step extends Arbitrary.Arbitrary<infer S> ? S : never
): Order => {
  const fees = (order.adjustments ?? []).filter(({ kind }) => kind === "fee").map(({ code }) => code)
  const items = [item(line % order.items.length, quantity)]
  const someFee = fees.slice(0, 1)
  const decided = [
    () => shipItems(order, items, attribution),
    () => cancelItems(order, { items }, false, attribution),
    () => returnItems(order, { items: items.map((one) => ({ ...one, restock })) }, attribution),
    () => advance(order, "shipped", attribution),
    () => cancelItems(order, "all", false, attribution),
    () => cancelItems(order, { fees: someFee }, false, attribution),
    () => returnItems(order, { fees: someFee }, attribution),
    () => advance(order, "paid", attribution)
  ][kind]?.()
  return decided !== undefined && Result.isSuccess(decided) ? decided.success.order : order
}

const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((total, number) => total + number, 0)

describe("units", () => {
  it.prop("keep their bounds, and their counts only rise", { order, steps }, ({ order, steps }) => {
    steps.reduce((before, step) => {
      const after = take(before, step)
      const earlier = unitsOf(before)
      for (const [index, counts] of unitsOf(after).entries()) {
        const { shipped, cancelled, returned, restocked } = counts
        const { quantity } = linesOf(after)[index] ?? { quantity: 0 }
        assert.isAtMost(shipped + cancelled, quantity)
        assert.isAtMost(returned, shipped)
        assert.isAtMost(restocked, returned)
        for (const name of ["shipped", "cancelled", "returned", "restocked"] as const)
          assert.isAtLeast(counts[name], earlier[index]?.[name] ?? 0)
      }
      return after
    }, order)
  })

  it.prop("leave a total that only falls, and is never negative", { order, steps }, ({ order, steps }) => {
    assert.deepStrictEqual(currentTotal(order), order.total)
    steps.reduce((before, step) => {
      const after = take(before, step)
      assert.isAtMost(owed(after), owed(before))
      assert.isAtLeast(owed(after), 0)
      assert.deepStrictEqual(after.currentTotal ?? after.total, currentTotal(after))
      return after
    }, order)
  })

  it.prop(
    "that end the same are worth the same, whatever the steps [O7]",
    { order, steps },
    ({ order, steps }) => {
      const end = steps.reduce(take, order)
      const { units: _, ...whole } = order
      const direct = { ...whole, status: end.status, units: unitsOf(end) }
      assert.strictEqual(owed(end), owed(direct))
    }
  )

  it.prop("that are all gone, with the fees, are worth nothing", { order }, ({ order }) => {
    assert.strictEqual(owed(cancel(order)), 0)
    if (order.status !== "PAID") return
    const fees = (order.adjustments ?? []).filter(({ kind }) => kind === "fee").map(({ code }) => code)
    const items = order.items.map(({ productId, quantity }) => ({ productId, quantity }))
    assert.strictEqual(
      owed(Result.getOrThrow(returnItems(ship(order), { items, fees }, attribution)).order),
      0
    )
  })

  it.prop(
    "are held until they are given back, and each step gives back the difference",
    { order, steps },
    ({ order, steps }) => {
      steps.reduce((before, { kind, line, quantity, restock }) => {
        const items = [{ ...item(line % before.items.length, quantity), restock }]
        const decided =
          kind % 3 === 0
            ? shipItems(before, items, attribution)
            : kind % 3 === 1
              ? cancelItems(before, { items }, false, attribution)
              : returnItems(before, { items }, attribution)
        if (Result.isFailure(decided)) return before
        const { order: after, restocked } = decided.success
        const unitsIn = (lines: ReadonlyArray<{ readonly quantity: number }>) =>
          sum(lines.map(({ quantity }) => quantity))
        assert.strictEqual(unitsIn(heldUnits(before)), unitsIn(heldUnits(after)) + unitsIn(restocked))
        return after
      }, order)
    }
  )

  it.prop(
    "decide the status: nothing is open in SHIPPED, and nothing was shipped in CANCELLED",
    { order, steps },
    ({ order, steps }) => {
      steps.reduce((before, step) => {
        const after = take(before, step)
        const units = unitsOf(after)
        const open = sum(
          linesOf(after).map((line, index) => {
            const counts = units[index]
            return counts === undefined ? 0 : openUnits(line, counts)
          })
        )
        if (after.status === "SHIPPED") assert.strictEqual(open, 0)
        if (after.status === "CANCELLED") {
          assert.strictEqual(open, 0)
          assert.strictEqual(sum(units.map(({ shipped }) => shipped)), 0)
          assert.strictEqual(owed(after), 0)
          assert.deepStrictEqual(heldUnits(after), [])
        }
        if (after !== before) {
          const row = lifecycle.some(({ from, to }) => from === before.status && to === after.status)
          assert.isTrue(row, `${before.status} to ${after.status}`)
        }
        return after
      }, order)
    }
  )

  it.prop("that are all shipped by name are those that are shipped at once", { order }, ({ order }) => {
    const whole = order.status === "PAID" ? order : paid(order)
    const items = whole.items.map(({ productId, quantity }) => ({ productId, quantity }))
    assert.deepStrictEqual(ship(whole, ...items), ship(whole))
    assert.deepStrictEqual(ship(whole), Result.getOrThrow(advance(whole, "shipped", attribution)).order)
  })

  it.prop("of an untouched order that is cancelled as a whole have no counts", { order }, ({ order }) => {
    const items = order.items.map(({ productId, quantity }) => ({ productId, quantity }))
    const whole = cancel(order)
    assert.isUndefined(whole.units)
    assert.strictEqual(whole.status, "CANCELLED")
    assert.deepStrictEqual(cancel(order, { items }), whole)
  })
})

describe("what the customer owes", () => {
  it("follows the receipt: a cancelled line takes its share of the discount with it", () => {
    const order = paid(
      orderOf(
        [
          { price: 5000, quantity: 1 },
          { price: 1000, quantity: 1 }
        ],
        [discount("off", { amount: 1000 })]
      )
    )
    assert.strictEqual(owed(order), 5000)
    assert.strictEqual(owed(cancel(order, { items: [item(0, 1)] })), 833)
  })

  it.each([
    {
      lines: [
        [600, 1],
        [400, 1]
      ],
      percent: 10,
      back: [[0, 1]],
      worth: 540
    },
    { lines: [[5000, 2]], percent: 10, back: [[0, 1]], worth: 4500 },
    {
      lines: [
        [15000, 1],
        [6000, 1]
      ],
      percent: 20,
      back: [[0, 1]],
      worth: 12000
    },
    { lines: [[10000, 3]], percent: 10, back: [[0, 2]], worth: 18000 },
    { lines: [[5000, 6]], percent: 10, back: [[0, 5]], worth: 22500 },
    { lines: [[8999, 3]], percent: 0, back: [[0, 2]], worth: 17998 }
  ])("$lines less $percent %: $back back is worth $worth", ({ lines, percent, back, worth }) => {
    const placed = orderOf(
      lines.map(([price = 0, quantity = 0]) => ({ price, quantity })),
      percent === 0 ? [] : [discount("off", { rate: percentage(percent) })]
    )
    const order = ship(paid(placed))
    const after = takeBack(order, ...back.map(([line = 0, quantity = 0]) => item(line, quantity)))
    assert.strictEqual(owed(order) - owed(after), worth)
  })

  it.each([
    { total: 3000, off: 1000, units: 3, steps: [2, 1], worth: [1333, 667] },
    { total: 2900, off: 0, units: 3, steps: [1, 1, 1], worth: [967, 966, 967] },
    { total: 4, off: 0, units: 3, steps: [1, 1, 1], worth: [1, 2, 1] }
  ])("$total less $off, $steps of $units back: worth $worth", ({ total, off, units, steps, worth }) => {
    // A line whose price its units do not divide: a discount makes it.
    const unit = Math.ceil(total / units)
    const reduced = off + unit * units - total
    const placed = orderOf(
      [{ price: unit, quantity: units }],
      reduced === 0 ? [] : [discount("off", { amount: reduced })]
    )
    let order = ship(paid(placed))
    for (const [index, quantity] of steps.entries()) {
      const after = takeBack(order, item(0, quantity))
      assert.strictEqual(owed(order) - owed(after), worth[index])
      order = after
    }
    assert.strictEqual(owed(order), 0)
  })

  it("includes delivery and its tax, unless the whole order is cancelled", () => {
    const order = paid(orderOf([{ price: 10000, quantity: 1 }], [fee("delivery", 1000), tax("vat", 20)]))
    assert.strictEqual(owed(order), 13200)
    assert.strictEqual(owed(cancel(order)), 0)
    const shipped = ship(order)
    assert.strictEqual(owed(takeBack(shipped, item(0, 1))), 1200)
    const waived = Result.getOrThrow(returnItems(shipped, { fees: ["delivery"] }, attribution)).order
    assert.strictEqual(owed(waived), 12000)
  })
})

describe("a step is refused", () => {
  const ten = paid(orderOf([{ price: 100, quantity: 10 }]))
  const failure = <A, E>(result: Result.Result<A, E>) => Result.getOrThrow(Result.flip(result))
  const short = (requested: number, available: number) =>
    new InsufficientUnits({ orderId: ten.id, items: [{ productId: productId(0), requested, available }] })

  it("for a unit that was shipped, cancelled or returned before", () => {
    const shipped = ship(ten, item(0, 6))
    assert.deepStrictEqual(
      failure(cancelItems(shipped, { items: [item(0, 5)] }, false, attribution)),
      short(5, 4)
    )
    assert.deepStrictEqual(failure(shipItems(shipped, [item(0, 5)], attribution)), short(5, 4))
    const back = takeBack(shipped, item(0, 6))
    assert.deepStrictEqual(failure(returnItems(back, { items: [item(0, 1)] }, attribution)), short(1, 0))
    const rest = cancel(shipped, { items: [item(0, 4)] })
    assert.strictEqual(rest.status, "SHIPPED")
    assert.strictEqual(owed(rest), 600)
    assert.strictEqual(cancel(ten, { items: [item(0, 2)] }).status, "PAID")
  })

  it("for products and fees that the order does not have, and several entries count together", () => {
    assert.deepStrictEqual(
      failure(
        cancelItems(
          ten,
          { items: [item(1, 1), item(0, 6), item(0, 5)], fees: ["gift wrap"] },
          false,
          attribution
        )
      ),
      new InsufficientUnits({
        orderId: ten.id,
        items: [
          { productId: productId(0), requested: 11, available: 10 },
          { productId: productId(1), requested: 1, available: 0 },
          { fee: "gift wrap", requested: 1, available: 0 }
        ]
      })
    )
  })

  it("in another status, and while a payment is pending", () => {
    const placed = orderOf([{ price: 100, quantity: 2 }])
    assert.instanceOf(failure(shipItems(placed, [item(0, 1)], attribution)), IllegalTransition)
    assert.instanceOf(failure(returnItems(placed, { items: [item(0, 1)] }, attribution)), IllegalTransition)
    assert.instanceOf(failure(cancelItems(placed, "all", true, attribution)), PaymentInProgress)
    const shipped = ship(ten)
    assert.instanceOf(failure(cancelItems(shipped, "all", false, attribution)), IllegalTransition)
    const cancelled = cancel(ten)
    for (const again of [
      cancelItems(cancelled, "all", false, attribution),
      returnItems(cancelled, {}, attribution),
      shipItems(cancelled, [item(0, 1)], attribution)
    ])
      assert.instanceOf(failure(again), IllegalTransition)
  })

  it("to restock more than has come back", () => {
    const back = returnItems(ship(ten), { items: [{ ...item(0, 2), restock: 9 }] }, attribution)
    assert.deepStrictEqual(Result.getOrThrow(back).restocked, [item(0, 2)])
  })
})
