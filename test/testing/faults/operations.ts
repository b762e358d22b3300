import { Effect } from "effect"
import { PaymentSettled } from "../../../src/domain/payments/Payment.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { PaymentStore } from "../../../src/ports/PaymentStore.ts"
import { faulty, keeping, late, type State } from "../../support/faulty.ts"
import { type Fault, oops } from "./Fault.ts"

type Store = PaymentStore["Service"]

const payments = (spoil: (store: Store, state: State) => Partial<Store>) =>
  faulty(PaymentStore, (store, state) => ({ ...store, ...spoil(store, state) }))

export const operationFaults: ReadonlyArray<Fault> = [
  {
    does: "reserves nothing of the payment",
    stores: payments((store, state) => ({
      reserve: (...call) => keeping(state.payments, store.reserve(...call))
    })),
    breaks: ["captures, voids and refunds are reserved as decided, in every status"]
  },
  {
    does: "settles an operation and forgets the order",
    stores: payments((store, state) => ({
      settleOperation: (...call) => keeping(state.orders, store.settleOperation(...call))
    })),
    breaks: ["an operation is settled as decided, once; an approved refund may fail later, once"]
  },
  {
    does: "settles an operation each time",
    stores: payments((store, state) => ({
      settleOperation: (id, answer, attribution, idempotency) =>
        Effect.suspend(() => {
          const known = state.operations.get(id)
          if (known !== undefined) {
            state.operations.set(id, { ...known, operation: { ...known.operation, status: "PENDING" } })
          }
          return store.settleOperation(id, answer, attribution, idempotency)
        })
    })),
    breaks: ["an operation is settled as decided, once; an approved refund may fail later, once"]
  },
  {
    does: "cancels an order and keeps its money",
    stores: faulty(OrderStore, (store, state) => ({
      ...store,
      fulfil: (...call) => keeping(state.operations, store.fulfil(...call))
    })),
    breaks: [
      "an order with an authorization can neither be paid again nor expire; a cancellation of it is a void",
      "a cancellation with a refund reserves what is due in the same step"
    ]
  },
  {
    does: "refuses an approval that comes late",
    stores: payments((store, state) => ({
      settle: (id, answer, ...rest) =>
        Effect.suspend(() => {
          const status = state.payments.get(id)?.payment.status
          return status === "DECLINED" && answer === "APPROVED"
            ? Effect.fail(new PaymentSettled({ paymentId: id, status }))
            : store.settle(id, answer, ...rest)
        })
    })),
    breaks: [
      "an approval that comes late is due back if the order has ended, and pays an order that can still be paid"
    ]
  },
  {
    does: "records a chargeback without its event",
    stores: payments((store, state) => ({
      recordOperation: (...call) => keeping(state.events, store.recordOperation(...call))
    })),
    breaks: [
      "a refund or a chargeback that the host records is an operation that begins and settles in one step"
    ]
  },
  {
    does: "has a defect for an unknown operation",
    stores: payments((store, state) => ({
      settleOperation: (id, ...rest) => (state.operations.has(id) ? store.settleOperation(id, ...rest) : oops)
    })),
    breaks: ["an unknown order has no operations, and an unknown operation cannot be settled"]
  },
  {
    does: "reads the money of an order, and reserves some of it after a delay",
    stores: payments((store, state) => ({
      reserve: (...call) => late([state.payments, state.operations], store.reserve(...call))
    })),
    breaks: [
      "concurrent refunds never exceed what was charged",
      "of concurrent captures and voids of an authorization one counts"
    ]
  },
  {
    does: "reads an operation, and settles it after a delay",
    stores: payments((store, state) => ({
      settleOperation: (...call) => late([state.operations], store.settleOperation(...call))
    })),
    breaks: ["ten concurrent outcomes of one operation are one event"]
  },
  {
    does: "voids what is being captured",
    stores: payments((_, state) => ({
      authorizationsToVoid: ({ heldBefore }) =>
        Effect.sync(() =>
          [...state.payments.values()]
            .filter(
              ({ payment: { authorizedAt } }) => authorizedAt && heldBefore && authorizedAt < heldBefore
            )
            .map(({ payment }) => payment.orderId)
        )
    })),
    breaks: [
      "authorizations to void are those of cancelled orders and old ones, longest held first, unless something has ended them or a void was tried lately"
    ]
  },
  {
    does: "leases the same operations to every caller",
    stores: payments((store, state) => ({
      leaseOperations: (...call) => keeping(state.operations, store.leaseOperations(...call))
    })),
    breaks: [
      "pending operations since a time and of accepted payment methods are leased, oldest first, each to one caller until the lease ends"
    ]
  }
]
