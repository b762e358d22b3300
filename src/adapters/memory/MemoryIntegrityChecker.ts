import { Effect, Layer, Struct } from "effect"
import { type Invariant, invariants, type Violation } from "../../domain/operations/Invariants.ts"
import { lifecycle, revenueTreatment } from "../../domain/orders/Lifecycle.ts"
import { IntegrityChecker } from "../../ports/IntegrityChecker.ts"
import { MemoryState, type MemoryTables } from "./MemoryState.ts"

export const MemoryIntegrityChecker = Layer.effect(
  IntegrityChecker,
  Effect.map(MemoryState, (state) =>
    IntegrityChecker.of({
      check: Effect.fnUntraced(function* (onInvariant, limit) {
        const violations: Array<Violation> = []
        for (const invariant of Struct.keys(invariants)) {
          yield* onInvariant(invariant)
          const broken = brokenIds[invariant](state).slice(0, limit)
          violations.push(...broken.map((id) => ({ invariant, id, detail: invariants[invariant] })))
        }
        return violations
      })
    })
  )
)

const total = (numbers: Iterable<number>) => Iterator.from(numbers).reduce((sum, number) => sum + number, 0)

/** Finds the ids that violate an invariant. */
const brokenIds: Record<Invariant, (state: MemoryTables) => ReadonlyArray<string>> = {
  stock: ({ products, orders, adjustments }) =>
    [...products.values()]
      .filter(({ id, stock }) => {
        const sold = [...orders.values()]
          .filter(({ status }) => status !== "FAILED")
          .flatMap(({ items }) => items)
          .filter(({ productId }) => productId === id)
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
          order.total.amount !==
            total(order.items.map(({ unitPrice, quantity }) => unitPrice.amount * quantity)) ||
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

  payment: ({ orders, payments }) =>
    [...orders.values()]
      .filter((order) => {
        const own = [...payments.values()]
          .map(({ payment }) => payment)
          .filter(({ orderId }) => orderId === order.id)
        const approved = own.filter(({ status }) => status === "APPROVED")
        const isPaid = revenueTreatment[order.status] !== "nothing"
        const pending = own.filter(({ status }) => status === "PENDING")
        return (
          approved.length !== (isPaid ? 1 : 0) ||
          approved.some(({ amount }) => amount.amount !== order.total.amount) ||
          pending.length > (order.status === "CREATED" ? 1 : 0)
        )
      })
      .map(({ id }) => id),

  // A key and its effect are one map entry in this adapter, so this invariant cannot be violated.
  key: () => []
}
