/** Checks of the invariants, as far as the ports show the data. */
import { Array as Arr, Effect, type Option } from "effect"
import type { Product } from "../../../domain/catalog/Product.ts"
import { currentTotal } from "../../../domain/fulfilment/CurrentTotal.ts"
import { heldUnits } from "../../../domain/fulfilment/Units.ts"
import { lifecycle } from "../../../domain/orders/Lifecycle.ts"
import type { Order, OrderEvent } from "../../../domain/orders/Order.ts"
import { capturedOf, isLive, type Payment } from "../../../domain/payments/Payment.ts"
import { counts, type PaymentOperation } from "../../../domain/payments/PaymentOperation.ts"
import type { OrderId, ProductId } from "../../../domain/shared/Ids.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import type { Fixture } from "../Given.ts"
import { type Difference, same } from "../Law.ts"

/** Everything that the stores return about a shop. */
export interface ShopSnapshot {
  readonly products: ReadonlyArray<Product>
  readonly orders: ReadonlyArray<{
    readonly order: Order
    readonly history: ReadonlyArray<OrderEvent>
    readonly payments: ReadonlyArray<Payment>
    readonly operations: ReadonlyArray<PaymentOperation>
  }>
}

type Read = CatalogStore | OrderStore | PaymentStore
type Broken = Difference | StoreUnavailable

const getOrDie = <A>(found: Option.Option<A>): Effect.Effect<A> => Effect.orDie(Effect.fromOption(found))

export const readProduct = (id: ProductId) =>
  CatalogStore.use((store) => Effect.flatMap(store.product(id), getOrDie))

export const readOrder = (id: OrderId) => OrderStore.use((store) => Effect.flatMap(store.get(id), getOrDie))

export const snapshot = Effect.fnUntraced(function* ({ customerId, products }: Fixture) {
  const { list, history } = yield* OrderStore
  const payments = yield* PaymentStore
  const orders = yield* list({ customerId, status: undefined, after: undefined, take: 1000 })
  const snapshot: ShopSnapshot = {
    products: yield* Effect.forEach(products, ({ id }) => readProduct(id)),
    orders: yield* Effect.forEach(orders, (order) =>
      Effect.all({
        order: Effect.succeed(order),
        history: history(order.id),
        payments: payments.list(order.id),
        operations: payments.operations(order.id)
      })
    )
  }
  return snapshot
})

/** Checks that an effect changes nothing. */
export const changesNothing = <A, E, R>(
  shop: Fixture,
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, E | Broken, R | Read> =>
  Effect.gen(function* () {
    const before = yield* snapshot(shop)
    const result = yield* work
    yield* same(yield* snapshot(shop), before)
    return result
  })

const unitsInOrders = ({ orders }: ShopSnapshot, productId: ProductId): number =>
  orders
    .flatMap(({ order }) => heldUnits(order))
    .filter((item) => item.productId === productId)
    .reduce((units, { quantity }) => units + quantity, 0)

/** Returns whether a history is a complete path of the lifecycle that ends in the status of the order. */
const isLegal = (history: ReadonlyArray<OrderEvent>, order: Order): boolean =>
  history.every(
    ({ sequence, event, from, to }, index) =>
      sequence === index + 1 &&
      from === (history[index - 1]?.to ?? null) &&
      lifecycle.some((step) => step.event === event && step.from === from && step.to === to)
  ) &&
  order.version === history.length &&
  order.status === history.at(-1)?.to

/** Fees and added taxes, less discounts. */
const adjusted = ({ adjustments = [] }: Order): number =>
  adjustments.reduce((sum, { kind, amount, included }) => {
    if (kind === "discount") return sum - amount.amount
    return included === true ? sum : sum + amount.amount
  }, 0)

const isPaid = ({ status }: Order) => status === "PAID" || status === "SHIPPED" || status === "COMPLETED"

/** What a payment is by its operations: one capture or void at most, and refunds that do not exceed what was charged. */
const moneyOf = (payment: Payment, operations: ReadonlyArray<PaymentOperation>) => {
  const own = operations.filter((operation) => operation.paymentId === payment.id && counts(operation))
  const refunds = own.filter(({ kind }) => kind === "refund")
  const refunded = refunds.reduce((sum, { amount }) => sum + amount.amount, 0)
  return {
    refunded: (payment.refunded?.amount ?? 0) === refunded && refunded <= capturedOf(payment),
    ends: own.filter(({ kind }) => kind === "capture" || kind === "void").length <= 1,
    isLate: isLive(payment) && payment.orderStatus !== "CREATED" && payment.orderStatus !== "CANCELLED"
  }
}

/**
 * Checks the invariants. `received` are the units that each product received in total. Defaults to its opening
 * stock.
 */
export const checkIntegrity = Effect.fnUntraced(function* (
  shop: Fixture,
  received: ReadonlyArray<number> = shop.products.map(({ stock }) => stock)
): Effect.fn.Return<void, Broken, Read> {
  const found = yield* snapshot(shop)
  yield* same(
    found.products.map(({ id, stock }) => ({
      inStock: stock >= 0,
      received: stock + unitsInOrders(found, id)
    })),
    received.map((received) => ({ inStock: true, received }))
  )
  for (const { order, history, payments, operations } of found.orders) {
    const { id, items, total, status } = order
    const charges = history.filter(({ event }) => event === "paid" || event === "charged-late")
    const approved = payments.filter((payment) => payment.status === "APPROVED")
    yield* same(
      {
        id,
        lines: items.map((item) => item.total.amount),
        total: items.reduce((sum, item) => sum + item.total.amount, 0) + adjusted(order),
        legal: isLegal(history, order),
        // What was cancelled or returned afterwards stays charged until it is refunded.
        charged: approved.map((payment) => ({
          currency: payment.amount.currency,
          isEnough: capturedOf(payment) >= currentTotal(order).amount && capturedOf(payment) <= total.amount
        })),
        money: payments.map((payment) => moneyOf(payment, operations)),
        orderStatuses: Arr.dedupe(payments.map((payment) => payment.orderStatus))
      },
      {
        id,
        lines: items.map((item) => item.unitPrice.amount * item.quantity),
        total: total.amount,
        legal: true,
        charged: isPaid(order)
          ? [{ currency: total.currency, isEnough: true }]
          : charges.map(() => ({ currency: total.currency, isEnough: true })),
        money: payments.map(() => ({ refunded: true, ends: true, isLate: false })),
        orderStatuses: payments.length === 0 ? [] : [status]
      }
    )
  }
})
