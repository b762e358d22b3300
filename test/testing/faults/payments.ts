import { Effect } from "effect"
import { PaymentStore } from "../../../src/ports/PaymentStore.ts"
import { faulty, keeping, late, type State, seeing } from "../../support/faulty.ts"
import { type Fault, oops } from "./Fault.ts"

type Store = PaymentStore["Service"]

const payments = (spoil: (store: Store, state: State) => Partial<Store>) =>
  faulty(PaymentStore, (store, state) => ({ ...store, ...spoil(store, state) }))

export const paymentFaults: ReadonlyArray<Fault> = [
  {
    does: "charges for one unit",
    stores: payments((store) => ({
      begin: (attempt, idempotency) =>
        Effect.map(store.begin(attempt, idempotency), ({ value, replayed }) => ({
          value: { ...value, amount: { ...value.amount, amount: 1 } },
          replayed
        }))
    })),
    breaks: ["a payment begins as pending with the total of the order, and the order stays unchanged"]
  },
  {
    does: "begins a payment while another is pending",
    stores: payments((store, state) => ({
      begin: (attempt, idempotency) =>
        seeing(state.payments, () => undefined, store.begin(attempt, idempotency)),
      record: (attempt, outcome, idempotency) =>
        seeing(state.payments, () => undefined, store.record(attempt, outcome, idempotency))
    })),
    breaks: [
      "an order has at most one pending payment",
      "a charge is refused for an order that is not payable, has a pending payment, or does not exist",
      "ten concurrent payments of one order: one is pending and nine are refused"
    ]
  },
  {
    does: "begins a payment of an order in any status",
    stores: payments((store, { orders }) => ({
      begin: (attempt, idempotency) =>
        seeing(
          orders,
          (order) => ({ ...order, status: "CREATED" as const }),
          store.begin(attempt, idempotency)
        )
    })),
    breaks: ["only an existing order with status CREATED can be paid"]
  },
  {
    does: "keeps the stock of an order that is declined",
    stores: payments((store, { products }) => ({
      settle: (id, outcome, attribution, idempotency) =>
        keeping(products, store.settle(id, outcome, attribution, idempotency))
    })),
    breaks: [
      "an approval makes the order PAID, a decline makes it FAILED and restocks it, a cancellation does neither"
    ]
  },
  {
    does: "overwrites the outcome of a payment",
    stores: payments((store, state) => ({
      settle: (id, outcome, attribution, idempotency) =>
        Effect.suspend(() => {
          const known = state.payments.get(id)
          const order = known && state.orders.get(known.payment.orderId)
          if (known !== undefined && order !== undefined) {
            state.payments.set(id, { ...known, payment: { ...known.payment, status: "PENDING" } })
            state.orders.set(order.id, { ...order, status: "CREATED" })
          }
          return store.settle(id, outcome, attribution, idempotency)
        })
    })),
    breaks: [
      "a settled payment keeps its outcome, and its order is restocked once",
      "concurrent outcomes of one payment are settled one after another: the order follows the first, and an approval after it is due back",
      "ten concurrent declines of one payment restock its order once"
    ]
  },
  {
    does: "lists the newest payment first",
    stores: payments((store) => ({
      list: (orderId) => Effect.map(store.list(orderId), (payments) => payments.toReversed())
    })),
    breaks: ["an order with a cancelled payment can be paid, and its payments are listed oldest first"]
  },
  {
    does: "records a charge and forgets the order",
    stores: payments((store, { orders }) => ({
      record: (attempt, outcome, idempotency) => keeping(orders, store.record(attempt, outcome, idempotency))
    })),
    breaks: [
      "a recorded charge is a payment that begins and settles in one step",
      "ten concurrently recorded charges of one order: one succeeds"
    ]
  },
  {
    does: "has a defect for an unknown payment",
    stores: payments((store, state) => ({
      settle: (id, outcome, attribution, idempotency) =>
        state.payments.has(id) ? store.settle(id, outcome, attribution, idempotency) : oops
    })),
    breaks: ["an unknown payment cannot be settled"]
  },
  {
    does: "leases payments of any age",
    stores: payments((store) => ({
      lease: (before, lease, take, { since: _, ...filter } = {}) => store.lease(before, lease, take, filter)
    })),
    breaks: ["payments from before a time are not leased"]
  },
  {
    does: "leases the same payments to every caller",
    stores: payments((store, state) => ({
      lease: (before, lease, take, filter) =>
        keeping(state.payments, store.lease(before, lease, take, filter))
    })),
    breaks: [
      "payments pending since before a time are leased, oldest first, each to one caller until the lease ends",
      "ten concurrent leases never share a payment"
    ]
  },
  {
    does: "leases payments of methods that the caller does not accept",
    stores: payments((store) => ({
      lease: (before, lease, take, { accepts: _, ...filter } = {}) => store.lease(before, lease, take, filter)
    })),
    breaks: ["payments of methods that the caller does not accept are neither leased nor held up"]
  },
  {
    does: "reads an order, and begins a payment after a delay",
    stores: payments((store, state) => ({
      begin: (attempt, idempotency) => late([state.payments], store.begin(attempt, idempotency))
    })),
    breaks: ["ten concurrent payments of one order: one is pending and nine are refused"]
  },
  {
    does: "reads a payment, and settles it after a delay",
    stores: payments((store, state) => ({
      settle: (id, outcome, attribution, idempotency) =>
        late([state.payments, state.orders], store.settle(id, outcome, attribution, idempotency))
    })),
    breaks: [
      "concurrent outcomes of one payment are settled one after another: the order follows the first, and an approval after it is due back",
      "ten concurrent declines of one payment restock its order once"
    ]
  }
]
