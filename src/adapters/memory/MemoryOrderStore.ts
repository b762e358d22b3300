import { Cause, Effect, Exit, identity, Layer, Option, Result } from "effect"
import { noStages } from "../../domain/fulfilment/Stage.ts"
import { type Advanced, advanceFromStage, expire } from "../../domain/orders/AdvanceOrder.ts"
import { PositionUnknown, toPosition } from "../../domain/orders/Feed.ts"
import { asPlaced, type Order, type OrderEvent, OrderNotFound } from "../../domain/orders/Order.ts"
import { OrderRefused } from "../../domain/orders/OrderChange.ts"
import { placeOrder, toQuote } from "../../domain/orders/PlaceOrder.ts"
import { fulfilWithMoney } from "../../domain/payments/FulfilWithMoney.ts"
import { isLive, type Payment } from "../../domain/payments/Payment.ts"
import type { PaymentOperation, Reserved } from "../../domain/payments/PaymentOperation.ts"
import type { OrderId, ProductId } from "../../domain/shared/Ids.ts"
import { BeforeCommitFailed } from "../../ports/BeforeCommit.ts"
import { StoreUnavailable } from "../../ports/errors.ts"
import { OrderStore, type Placement, type StageFilter } from "../../ports/OrderStore.ts"
import { MemoryState, type MemoryTables, step, withIdempotency } from "./MemoryState.ts"
import { MemoryTransactions } from "./MemoryTransactions.ts"
import { releaseVouchers, takeVouchers, voucherStock } from "./MemoryVoucherStore.ts"

export const MemoryOrderStore = Layer.effect(
  OrderStore,
  Effect.map(Effect.all([MemoryState, MemoryTransactions]), ([state, transactions]) =>
    transactions.transactional<OrderStore["Service"]>({
      place: (placement) =>
        withIdempotency(
          state,
          placement.idempotency,
          placement.at,
          () =>
            Result.map(decide(state, placement), ({ order, event, redemptions }) => {
              state.orders.set(order.id, order)
              saveEvent(state, order.id, event)
              for (const { productId, quantity } of order.items) addStock(state, productId, -quantity)
              takeVouchers(state, order.id, redemptions)
              return order
            }),
          asPlaced
        ),

      quote: (placement) => step(() => Result.map(decide(state, placement), toQuote)),

      advance: (orderId, to, attribution, idempotency, stages = noStages) =>
        withIdempotency(
          state,
          idempotency,
          attribution.at,
          () => applyTransition(state, orderId, (order) => advanceFromStage(order, to, attribution, stages)),
          identity
        ),

      expire: (orderId, attribution, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          attribution.at,
          () =>
            applyTransition(state, orderId, (order) =>
              expire(order, hasPending(state, orderId), attribution)
            ),
          identity
        ),

      fulfil: (orderId, fulfilment, attempt, idempotency) =>
        withIdempotency(
          state,
          idempotency,
          attempt.at,
          () => {
            const decide = (order: Order) =>
              Result.map(
                fulfilWithMoney(
                  order,
                  fulfilment,
                  paymentsOf(state, orderId),
                  operationsOf(state, orderId),
                  attempt
                ),
                (fulfilled) => {
                  if (fulfilled.reserved !== null)
                    saveReserved(state, fulfilled.reserved, attempt.actor, attempt.leasedUntil ?? null)
                  return fulfilled
                }
              )
            return applyTransition(state, orderId, decide)
          },
          identity
        ),

      expireUnpaid: Effect.fnUntraced(function* (before, take, attribution, after) {
        const due = [...state.orders.values()]
          .filter(
            ({ id, status, createdAt }) =>
              status === "CREATED" &&
              createdAt < before &&
              (after === undefined || id > after) &&
              !hasPending(state, id)
          )
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, take)
        const [expired, kept]: [Array<OrderId>, Array<OrderId>] = [[], []]
        for (const { id } of due) {
          const change = step(() => applyTransition(state, id, (order) => expire(order, false, attribution)))
          const exit = yield* Effect.exit(transactions.atomically(change))
          if (Exit.isSuccess(exit)) {
            expired.push(id)
            continue
          }
          const error = Cause.squash(exit.cause)
          if (error instanceof StoreUnavailable) return yield* error
          if (isKept(error)) kept.push(id)
        }
        return { expired, kept }
      }),

      get: (id) => Effect.sync(() => Option.fromUndefinedOr(state.orders.get(id))),

      list: ({ status, stage, customerId, after, take }) =>
        Effect.sync(() =>
          [...state.orders.values()]
            .filter(
              (order) =>
                (status === undefined || order.status === status) &&
                isInStage(order, stage) &&
                (customerId === undefined || order.customerId === customerId) &&
                (after === undefined || order.id < after)
            )
            .sort((a, b) => (a.id < b.id ? 1 : -1))
            .slice(0, take)
        ),

      history: (id) => Effect.sync(() => state.events.get(id) ?? []),

      feed: (after, take) =>
        step(() => {
          const start =
            after === undefined ? 0 : state.feed.findIndex(({ position }) => position === after) + 1
          return after !== undefined && start === 0
            ? Result.fail(new PositionUnknown({ position: after }))
            : Result.succeed(state.feed.slice(start, start + take))
        })
    })
  )
)

const isInStage = ({ stage, status }: Order, filter: StageFilter | undefined) =>
  filter === undefined || (stage === undefined ? status === filter.firstOf : stage === filter.stage)

const decide = (state: MemoryTables, { draft, id, at, actor, price }: Omit<Placement, "idempotency">) =>
  placeOrder(draft, state.products, { id, at, actor }, price, voucherStock(state))

/** The hook of the host has refused the change, or has failed. */
const isKept = (error: unknown) => error instanceof OrderRefused || error instanceof BeforeCommitFailed

const addStock = (state: MemoryTables, productId: ProductId, units: number) => {
  const product = state.products.get(productId)
  if (product !== undefined) state.products.set(productId, { ...product, stock: product.stock + units })
}

const saveEvent = (state: MemoryTables, orderId: OrderId, event: OrderEvent) => {
  const transaction = String(state.feed.length + 1)
  state.events.set(orderId, [...(state.events.get(orderId) ?? []), event])
  state.feed.push({
    ...event,
    orderId,
    position: toPosition({ epoch: 1, transaction, orderId, sequence: event.sequence })
  })
}

/** Applies a transition to an order. Fails with `OrderNotFound` or with the refusal of `decide`. */
const applyTransition = <E>(
  state: MemoryTables,
  orderId: OrderId,
  decide: (order: Order) => Result.Result<Advanced, E>
): Result.Result<Order, E | OrderNotFound> => {
  const order = state.orders.get(orderId)
  if (order === undefined) return Result.fail(new OrderNotFound({ orderId }))
  return Result.map(decide(order), (advanced) => {
    saveAdvanced(state, advanced)
    return advanced.order
  })
}

/** Stores a transition: the order, its event, the restocked units, and the voucher uses that are given back. */
export const saveAdvanced = (state: MemoryTables, { order, event, restocked, released }: Advanced): void => {
  state.orders.set(order.id, order)
  saveEvent(state, order.id, event)
  for (const { productId, quantity } of restocked) addStock(state, productId, quantity)
  releaseVouchers(state, order.id, released)
}

/** Returns the payments of an order, oldest first, with the current status of the order. */
export const paymentsOf = (state: MemoryTables, orderId: OrderId): ReadonlyArray<Payment> =>
  [...state.payments.values()]
    .filter(({ payment }) => payment.orderId === orderId)
    .map(({ payment }) => ({
      ...payment,
      orderStatus: state.orders.get(orderId)?.status ?? payment.orderStatus
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

/** Returns the payment operations of an order, oldest first. */
export const operationsOf = (state: MemoryTables, orderId: OrderId): ReadonlyArray<PaymentOperation> =>
  [...state.operations.values()]
    .map(({ operation }) => operation)
    .filter((operation) => operation.orderId === orderId)
    .sort((a, b) => (a.id < b.id ? -1 : 1))

/** Stores a payment. Its actor stays the one who began it. */
export const savePayment = (state: MemoryTables, payment: Payment, actor: string): void => {
  const known = state.payments.get(payment.id)
  state.payments.set(payment.id, {
    payment,
    actor: known?.actor ?? actor,
    leasedUntil: known?.leasedUntil ?? null
  })
}

/** Stores an operation and its payment. The actor of the operation stays the one who began it. */
export const saveReserved = (
  state: MemoryTables,
  { operation, payment }: Reserved,
  actor: string,
  leasedUntil: Date | null = null
): void => {
  const known = state.operations.get(operation.id)
  state.operations.set(operation.id, {
    operation,
    actor: known?.actor ?? actor,
    leasedUntil: known?.leasedUntil ?? leasedUntil
  })
  savePayment(state, payment, actor)
}

/** Returns whether an order has a payment that is pending or authorized. */
export const hasPending = (state: MemoryTables, orderId: OrderId): boolean =>
  paymentsOf(state, orderId).some(isLive)
