import { Clock, Effect, Layer, Struct } from "effect"
import { currentTotal } from "../../domain/fulfilment/CurrentTotal.ts"
import type { UnitCounts } from "../../domain/fulfilment/UnitCounts.ts"
import { heldUnits, linesOf, noUnits, unitsOf } from "../../domain/fulfilment/Units.ts"
import { type Invariant, invariants, type Violation } from "../../domain/operations/Invariants.ts"
import { lifecycle, revenueTreatment } from "../../domain/orders/Lifecycle.ts"
import { type Order, type OrderEvent, vouchersOf } from "../../domain/orders/Order.ts"
import { endOf } from "../../domain/payments/Authorization.ts"
import { capturedOf, isLive, type Payment } from "../../domain/payments/Payment.ts"
import { askedFor, counts } from "../../domain/payments/PaymentOperation.ts"
import { IntegrityChecker } from "../../ports/IntegrityChecker.ts"
import { MemoryState, type MemoryTables } from "./MemoryState.ts"
import { MemoryTransactions } from "./MemoryTransactions.ts"

export const MemoryIntegrityChecker = Layer.effect(
  IntegrityChecker,
  Effect.map(Effect.all([MemoryState, MemoryTransactions]), ([state, transactions]) =>
    transactions.transactional<IntegrityChecker["Service"]>({
      check: Effect.fnUntraced(function* (onInvariant, limit) {
        const violations: Array<Violation> = []
        const unanswered = new Date((yield* Clock.currentTimeMillis) - askedFor)
        for (const invariant of Struct.keys(invariants)) {
          yield* onInvariant(invariant)
          const broken = brokenIds[invariant](state, unanswered).slice(0, limit)
          violations.push(...broken.map((id) => ({ invariant, id, detail: invariants[invariant] })))
        }
        return violations
      })
    })
  )
)

const total = (numbers: Iterable<number>) => Iterator.from(numbers).reduce((sum, number) => sum + number, 0)

/** Items plus fees and added taxes, less discounts. */
const expectedTotal = ({ items, adjustments = [] }: Order): number =>
  total(items.map(({ unitPrice, quantity }) => unitPrice.amount * quantity)) +
  total(
    adjustments.map(({ kind, amount, included }) =>
      kind === "discount" ? -amount.amount : included === true ? 0 : amount.amount
    )
  )

/** Whether shares sum to their figures, and the discounts of a line do not exceed it. */
const areSharesExact = ({ items, adjustments = [] }: Order): boolean => {
  const fees = adjustments.filter(({ kind }) => kind === "fee")
  const lines = [...items.map((item) => item.total.amount), ...fees.map(({ amount }) => amount.amount)]
  const discounts = adjustments.filter(({ kind }) => kind === "discount")
  return (
    adjustments.every(({ kind, amount, shares }) =>
      shares === undefined ? kind === "fee" : total(shares) === amount.amount
    ) && lines.every((line, index) => total(discounts.map(({ shares = [] }) => shares[index] ?? 0)) <= line)
  )
}

/** Counts the units that the events of an order name, by line. */
const unitsIn = (order: Order, events: ReadonlyArray<OrderEvent>): ReadonlyArray<UnitCounts> =>
  linesOf(order).map(({ productId, fee }) => {
    const counts = { ...noUnits }
    for (const { event, items = [], fees = [] } of events) {
      if (event !== "shipped" && event !== "cancelled" && event !== "returned") continue
      for (const item of items) {
        if (item.productId !== productId) continue
        counts[event] += item.quantity
        counts.restocked += item.restocked ?? 0
      }
      if (fee !== undefined && fees.includes(fee)) counts[event] += 1
    }
    return counts
  })

/** Finds the ids that violate an invariant. What is pending since before `unanswered` violates one. */
const brokenIds: Record<Invariant, (state: MemoryTables, unanswered: Date) => ReadonlyArray<string>> = {
  stock: ({ products, orders, adjustments }) =>
    [...products.values()]
      .filter(({ id, stock }) => {
        const sold = [...orders.values()].flatMap(heldUnits).filter(({ productId }) => productId === id)
        const received = adjustments.filter(({ productId }) => productId === id)
        return (
          stock < 0 ||
          stock + total(sold.map(({ quantity }) => quantity)) !== total(received.map(({ delta }) => delta))
        )
      })
      .map(({ id }) => id),

  total: ({ orders }) =>
    [...orders.values()]
      .filter(
        (order) =>
          order.total.amount !== expectedTotal(order) ||
          !areSharesExact(order) ||
          order.items.some(({ unitPrice }) => unitPrice.currency !== order.total.currency)
      )
      .map(({ id }) => id),

  history: ({ orders, events }) =>
    [...orders.values()]
      .filter(({ id, status, version }) => {
        const history = events.get(id) ?? []
        const follows = history.every(
          ({ event, from, to, sequence }, index) =>
            sequence === index + 1 &&
            from === (history[index - 1]?.to ?? null) &&
            lifecycle.some((legal) => legal.event === event && legal.from === from && legal.to === to)
        )
        return !follows || history.length !== version || history.at(-1)?.to !== status
      })
      .map(({ id }) => id),

  feed: ({ events, feed }) =>
    [...events].flatMap(([id, history]) => {
      const sequences = feed.filter(({ orderId }) => orderId === id).map(({ sequence }) => sequence)
      const isInSequence = sequences.every((sequence, index) => sequence === history[index]?.sequence)
      return isInSequence && sequences.length === history.length ? [] : [id]
    }),

  payment: ({ orders, payments, events, operations }) =>
    [...orders.values()]
      .filter((order) => {
        const own = [...payments.values()]
          .map(({ payment }) => payment)
          .filter(({ orderId }) => orderId === order.id)
        const approved = own.filter(({ status }) => status === "APPROVED")
        const isPaid = revenueTreatment[order.status] !== "nothing"
        const charges = (events.get(order.id) ?? []).filter(
          ({ event }) => event === "paid" || event === "charged-late"
        )
        const known = [...operations.values()].map(({ operation }) => operation)
        const isVoided = (payment: Payment) => endOf(payment, known)?.kind === "void"
        const live = own.filter(isLive)
        return (
          approved.length !== charges.length ||
          (isPaid && approved.length === 0) ||
          (order.status === "CREATED" && approved.length > 0) ||
          approved.length + live.length > 1 ||
          approved.some(
            (payment) =>
              capturedOf(payment) < currentTotal(order).amount || capturedOf(payment) > order.total.amount
          ) ||
          live.some(
            (payment) =>
              order.status !== "CREATED" &&
              !(order.status === "CANCELLED" && payment.status === "AUTHORIZED" && isVoided(payment))
          )
        )
      })
      .map(({ id }) => id),

  operation: ({ payments, operations }) =>
    [...payments.values()]
      .filter(({ payment }) => {
        const own = [...operations.values()]
          .map(({ operation }) => operation)
          .filter((operation) => operation.paymentId === payment.id && counts(operation))
        const ends = own.filter(({ kind }) => kind === "capture" || kind === "void")
        const refunds = total(own.filter(({ kind }) => kind === "refund").map(({ amount }) => amount.amount))
        const [end] = ends
        const settled = end?.kind === "capture" ? "APPROVED" : "CANCELLED"
        return (
          ends.length > 1 ||
          refunds !== (payment.refunded?.amount ?? 0) ||
          refunds > capturedOf(payment) ||
          capturedOf(payment) > payment.amount.amount ||
          (end !== undefined && payment.status !== (end.status === "PENDING" ? "AUTHORIZED" : settled)) ||
          (end?.kind === "capture" &&
            end.status === "APPROVED" &&
            end.amount.amount !== capturedOf(payment)) ||
          (payment.captured !== undefined && end?.kind !== "capture")
        )
      })
      .map(({ payment }) => payment.id),

  outcome: ({ payments, operations }, unanswered) =>
    [
      ...[...payments.values()].map(({ payment }) => payment),
      ...[...operations.values()].map(({ operation }) => operation)
    ]
      .filter(({ status, createdAt }) => status === "PENDING" && createdAt < unanswered)
      .map(({ id }) => id),

  units: ({ orders, events }) =>
    [...orders.values()]
      .filter((order) => {
        const moved = unitsIn(order, events.get(order.id) ?? [])
        const isWhole = order.status === "SHIPPED" || order.status === "COMPLETED"
        return linesOf(order).some(({ quantity }, line) => {
          const counts = unitsOf(order)[line] ?? noUnits
          const expected = moved[line] ?? noUnits
          const open = quantity - counts.shipped - counts.cancelled
          return (
            open < 0 ||
            ((isWhole || order.status === "CANCELLED") && open > 0) ||
            counts.returned !== expected.returned ||
            counts.restocked !== expected.restocked ||
            (order.status !== "CANCELLED" && counts.cancelled !== expected.cancelled) ||
            (!isWhole && counts.shipped !== expected.shipped)
          )
        })
      })
      .map(({ id }) => id),

  stage: ({ orders, events }) =>
    [...orders.values()]
      .filter(({ id, stage }) => {
        const moves = (events.get(id) ?? []).filter(
          ({ event, from, to }) => event === "stage-changed" || from !== to
        )
        return stage !== moves.at(-1)?.stage
      })
      .map(({ id }) => id),

  voucher: ({ vouchers, redemptions, orders }) => {
    const uses = [...redemptions.values()]
    const unsound = uses
      .filter(({ orderId, voucherId, released }) => {
        const order = orders.get(orderId)
        return (
          order === undefined ||
          !vouchersOf(order).includes(voucherId) ||
          released !== (order.status === "FAILED" || order.status === "CANCELLED")
        )
      })
      .map(({ voucherId }) => voucherId)
    const unused = [...orders.values()].flatMap((order) =>
      vouchersOf(order).filter(
        (voucherId) => !uses.some((use) => use.orderId === order.id && use.voucherId === voucherId)
      )
    )
    const miscounted = [...vouchers.values()].filter(({ id, uses: all, usesLeft, perCustomer }) => {
      const taken = uses.filter(({ voucherId, released }) => voucherId === id && !released)
      return (
        (usesLeft !== null && usesLeft + taken.length !== all) ||
        (perCustomer !== null && taken.some(({ nth }) => nth !== null && nth >= perCustomer))
      )
    })
    return [...new Set([...unsound, ...unused, ...miscounted.map(({ id }) => id)])]
  },

  // A key and its effect are one map entry in this adapter, so this invariant cannot be violated.
  key: () => []
}
