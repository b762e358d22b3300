import { Effect, Option } from "effect"
import { releaseVouchers } from "../../../src/adapters/memory/MemoryVoucherStore.ts"
import { type Order, vouchersOf } from "../../../src/domain/orders/Order.ts"
import { normalizeKey } from "../../../src/domain/shared/Text.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { VoucherStore } from "../../../src/ports/VoucherStore.ts"
import { faulty, keeping, late, type State, seeing } from "../../support/faulty.ts"
import { type Fault, mustBeThere } from "./Fault.ts"

type Orders = OrderStore["Service"]
type Vouchers = VoucherStore["Service"]

const orders = (spoil: (store: Orders, state: State) => Partial<Orders>) =>
  faulty(OrderStore, (store, state) => ({ ...store, ...spoil(store, state) }))

const vouchers = (spoil: (store: Vouchers, state: State) => Partial<Vouchers>) =>
  faulty(VoucherStore, (store, state) => ({ ...store, ...spoil(store, state) }))

const unshared = (order: Order): Order =>
  order.adjustments === undefined
    ? order
    : { ...order, adjustments: order.adjustments.map(({ shares: _, ...figure }) => figure) }

export const pricingFaults: ReadonlyArray<Fault> = [
  {
    does: "forgets the shares of adjustments",
    stores: orders((store) => ({ get: (id) => Effect.map(store.get(id), Option.map(unshared)) })),
    breaks: [
      "a draft with fees, discounts and taxes becomes the order that the domain decides, with every figure and share"
    ]
  },
  {
    does: "places what it is asked to quote",
    stores: orders((store) => ({
      quote: (placement) =>
        Effect.map(
          Effect.catchTags(store.place({ ...placement, idempotency: undefined }), {
            IdempotencyKeyReused: Effect.die,
            OrderRefused: Effect.die
          }),
          ({ value }) => value
        )
    })),
    breaks: ["a quote is what placing makes of the same draft, and changes nothing"]
  },
  {
    does: "does not show tax classes to pricing",
    stores: orders((store, { products }) => ({
      place: (placement) => seeing(products, ({ taxClass: _, ...product }) => product, store.place(placement))
    })),
    breaks: ["pricing sees category and tax class of each product, and its refusal changes nothing"]
  },
  {
    does: "forgets the adjustments of a failed order",
    stores: orders((store, state) => ({
      expire: (id, attribution, idempotency) =>
        Effect.tap(store.expire(id, attribution, idempotency), ({ value: { adjustments: _, ...order } }) =>
          Effect.sync(() => state.orders.set(id, order))
        )
    })),
    breaks: ["an order keeps its adjustments at every step of its life, and has the history of any other"]
  },
  {
    does: "shows an empty list of adjustments",
    stores: orders((store) => ({
      get: (id) =>
        Effect.map(
          store.get(id),
          Option.map((order) => ({ adjustments: [], ...order }))
        )
    })),
    breaks: ["an order without adjustments has no such member, in any status"]
  },
  {
    does: "gives every voucher another name",
    stores: vouchers((store) => ({
      get: (id) =>
        Effect.map(
          store.get(id),
          Option.map((voucher) => ({ ...voucher, name: voucher.code }))
        )
    })),
    breaks: ["a voucher is found and listed exactly as it was added, newest first, across pages"]
  },
  {
    does: "has a defect for an unknown voucher",
    stores: vouchers((store) => ({ get: (id) => mustBeThere(store.get(id)) })),
    breaks: ["an unknown voucher id finds nothing, and cannot be changed"]
  },
  {
    does: "distinguishes codes of vouchers by case",
    stores: vouchers((store, state) => ({
      add: (voucher, idempotency) =>
        seeing(
          state.vouchers,
          (other) => (other.code === voucher.code ? other : undefined),
          store.add(voucher, idempotency)
        )
    })),
    breaks: [
      "a voucher's code is taken in any case, Unicode form and surrounding space, and is used in any of them"
    ]
  },
  {
    does: "gives all uses back when a voucher is changed",
    stores: vouchers((store, state) => ({
      change: (id, change, at, idempotency) =>
        seeing(
          state.vouchers,
          (voucher) => (voucher.id === id ? { ...voucher, usesLeft: voucher.uses } : voucher),
          store.change(id, change, at, idempotency)
        )
    })),
    breaks: [
      "a change of a voucher is stored as the domain decides, and keeps the uses that orders have taken"
    ]
  },
  {
    does: "takes the uses of a refused order",
    stores: orders((store, state) => ({
      place: (placement) =>
        Effect.tapError(store.place(placement), () =>
          Effect.sync(() => {
            const codes = (placement.draft.codes ?? []).map(normalizeKey)
            for (const [id, voucher] of state.vouchers) {
              if (!codes.includes(normalizeKey(voucher.code)) || voucher.usesLeft === null) continue
              state.vouchers.set(id, { ...voucher, usesLeft: voucher.usesLeft - 1 })
            }
          })
        )
    })),
    breaks: ["a refused order takes no use of a voucher, whatever refuses it"]
  },
  {
    does: "keeps the voucher uses of an order that expires",
    stores: orders((store, { vouchers, redemptions }) => ({
      expire: (id, attribution, idempotency) =>
        keeping(vouchers, keeping(redemptions, store.expire(id, attribution, idempotency)))
    })),
    breaks: ["a use is given back once, whatever lets the order fail or cancels it, and can be taken again"]
  },
  {
    does: "keeps the voucher uses of an order that is cancelled",
    stores: orders((store, { vouchers, redemptions }) => ({
      fulfil: (id, fulfilment, attribution, idempotency) =>
        keeping(vouchers, keeping(redemptions, store.fulfil(id, fulfilment, attribution, idempotency)))
    })),
    breaks: ["a use is given back once, whatever lets the order fail or cancels it, and can be taken again"]
  },
  {
    does: "gives voucher uses back with the first unit that is cancelled",
    stores: orders((store, state) => ({
      fulfil: (id, fulfilment, attribution, idempotency) =>
        Effect.tap(store.fulfil(id, fulfilment, attribution, idempotency), ({ value }) =>
          Effect.sync(() => releaseVouchers(state, id, vouchersOf(value)))
        )
    })),
    breaks: ["a use is kept while a part of its order is cancelled, and after all of it has come back"]
  },
  {
    does: "notes the time of each use with the voucher",
    stores: orders((store, state) => ({
      place: (placement) =>
        Effect.tap(store.place(placement), ({ value }) =>
          Effect.sync(() => {
            for (const { voucherId } of value.adjustments ?? []) {
              const voucher = voucherId && state.vouchers.get(voucherId)
              if (voucher) state.vouchers.set(voucher.id, { ...voucher, updatedAt: value.createdAt })
            }
          })
        )
    })),
    breaks: ["a voucher without a limit is never changed by its uses"]
  },
  {
    does: "reads the uses of vouchers, and takes them after a delay",
    stores: orders((store, { vouchers }) => ({
      place: (placement) => late([vouchers], store.place(placement))
    })),
    breaks: [
      "20 concurrent orders with a voucher of 10 uses: 10 succeed and the others are refused",
      "no use is lost while vouchers are used, given back and changed concurrently, in any order of codes"
    ]
  },
  {
    does: "reads the uses of a customer, and takes one after a delay",
    stores: orders((store, { redemptions }) => ({
      place: (placement) => late([redemptions], store.place(placement))
    })),
    breaks: ["ten concurrent orders of one customer with a voucher of two uses per customer: two succeed"]
  }
]
