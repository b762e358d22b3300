import { Array as Arr, Effect, Option } from "effect"
import { InsufficientStock } from "../../../src/domain/catalog/Product.ts"
import { IllegalStage } from "../../../src/domain/fulfilment/Stage.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { faulty, keeping, late, type State, seeing } from "../../support/faulty.ts"
import { type Fault, mustBeThere, oops } from "./Fault.ts"

type Store = OrderStore["Service"]

const orders = (spoil: (store: Store, state: State) => Partial<Store>) =>
  faulty(OrderStore, (store, state) => ({ ...store, ...spoil(store, state) }))

export const placingFaults: ReadonlyArray<Fault> = [
  {
    does: "sells inactive products",
    stores: orders((store, { products }) => ({
      place: (placement) =>
        seeing(products, (product) => ({ ...product, active: true }), store.place(placement))
    })),
    breaks: [
      "a draft becomes the order that the domain decides, or is refused as the domain refuses it and nothing changes",
      "every refusal states its reason and changes nothing"
    ]
  },
  {
    does: "lists the first shortage only",
    stores: orders((store) => ({
      place: (placement) =>
        Effect.mapError(store.place(placement), (refusal) =>
          refusal._tag === "InsufficientStock"
            ? new InsufficientStock({ shortages: refusal.shortages.slice(0, 1) })
            : refusal
        )
    })),
    breaks: ["all shortages are listed, each with the available stock"]
  },
  {
    does: "shows ordered products under their current names",
    stores: orders((store, { products }) => ({
      get: (id) =>
        Effect.map(
          store.get(id),
          Option.map((order) => ({
            ...order,
            items: Arr.map(order.items, (item) => ({
              ...item,
              name: products.get(item.productId)?.name ?? item.name
            }))
          }))
        )
    })),
    breaks: ["an order keeps name, SKU and price after later changes of its products"]
  },
  {
    does: "has a defect for an unknown order",
    stores: orders((store, state) => ({
      get: (id) => mustBeThere(store.get(id)),
      advance: (id, to, attribution, idempotency) =>
        state.orders.has(id) ? store.advance(id, to, attribution, idempotency) : oops,
      list: (listing) =>
        Effect.flatMap(store.list(listing), (page) => (page.length === 0 ? oops : Effect.succeed(page)))
    })),
    breaks: [
      "an unknown order id finds nothing",
      "an unknown order cannot be advanced",
      "a customer without orders has an empty list"
    ]
  },
  {
    does: "reads the stock, and takes the ordered units after a delay",
    stores: orders((store, { products }) => ({
      place: (placement) => late([products], store.place(placement))
    })),
    breaks: [
      "4 concurrent orders of a unit from a stock of 1: 1 succeed and the others are refused",
      "20 concurrent orders of a unit from a stock of 10: 10 succeed and the others are refused",
      "concurrent orders with the same products in opposite order are all placed",
      "no unit is lost while products are bought, restocked, adjusted and changed concurrently"
    ]
  }
]

export const orderFaults: ReadonlyArray<Fault> = [
  {
    does: "ships an unpaid order",
    stores: orders((store, state) => ({
      advance: (id, to, attribution, idempotency) =>
        seeing(
          state.orders,
          (order) => (order.status === "CREATED" ? { ...order, status: "PAID" as const } : order),
          store.advance(id, to, attribution, idempotency)
        )
    })),
    breaks: [
      "a legal step advances the order and adds one event; an illegal step is refused and changes nothing"
    ]
  },
  {
    does: "reads an order, and advances it after a delay",
    stores: orders((store, state) => ({
      advance: (id, to, attribution, idempotency) =>
        late([state.orders], store.advance(id, to, attribution, idempotency)),
      expire: (id, attribution, idempotency) =>
        late([state.orders], store.expire(id, attribution, idempotency)),
      expireUnpaid: (before, take, attribution, after) =>
        late([state.orders], store.expireUnpaid(before, take, attribution, after))
    })),
    breaks: ["ten concurrent shipments of one order: one succeeds"]
  },
  {
    does: "ignores the status filter of a list of orders",
    stores: orders((store) => ({ list: (listing) => store.list({ ...listing, status: undefined }) })),
    breaks: ["orders are listed by descending id, by status and customer, across pages"]
  },
  {
    does: "ignores the case of the customer of a list of orders",
    stores: orders((_, state) => ({
      list: ({ customerId }) =>
        Effect.sync(() =>
          [...state.orders.values()].filter(
            (order) => order.customerId.toLowerCase() === customerId?.toLowerCase()
          )
        )
    })),
    breaks: ["customers differ by every character of their id: case, white space and Unicode form"]
  },
  {
    does: "keeps the stock of an order that expires",
    stores: orders((store, { products }) => ({
      expire: (id, attribution, idempotency) => keeping(products, store.expire(id, attribution, idempotency))
    })),
    breaks: [
      "an unpaid order expires and is restocked; in any other status expiry is refused and changes nothing"
    ]
  },
  {
    does: "lets an order expire while it is being paid",
    stores: orders((store, { payments }) => ({
      expire: (id, attribution, idempotency) =>
        seeing(payments, () => undefined, store.expire(id, attribution, idempotency))
    })),
    breaks: [
      "an order with a pending payment and an unknown order cannot expire",
      "concurrent sweeps, expiries and payments: each order has one outcome and is restocked at most once"
    ]
  },
  {
    does: "keeps the stock of what is cancelled and returned",
    stores: orders((store, { products }) => ({
      fulfil: (id, fulfilment, attribution, idempotency) =>
        keeping(products, store.fulfil(id, fulfilment, attribution, idempotency))
    })),
    breaks: [
      "units are shipped, cancelled and taken back as decided; in any other status it is refused and changes nothing",
      "an order that is cancelled as a whole gives back all its units, once, and keeps no counts"
    ]
  },
  {
    does: "forgets the counts of an order that fails",
    stores: orders((store, { orders }) => ({
      expire: (id, attribution, idempotency) =>
        seeing(
          orders,
          ({ units, currentTotal, ...order }) => order,
          store.expire(id, attribution, idempotency)
        )
    })),
    breaks: ["an order with cancelled parts is charged for the rest, and gives back the rest when it fails"]
  },
  {
    does: "forgets the counts of an order that is shipped",
    stores: orders((store, { orders }) => ({
      advance: (id, step, attribution, idempotency) =>
        seeing(
          orders,
          ({ units, currentTotal, ...order }) => order,
          store.advance(id, step, attribution, idempotency)
        )
    })),
    breaks: ["an order with shipped parts is shipped as a whole by the step as well"]
  },
  {
    does: "lets an order be cancelled while it is being paid",
    stores: orders((store, { payments }) => ({
      fulfil: (id, fulfilment, attribution, idempotency) =>
        seeing(payments, () => undefined, store.fulfil(id, fulfilment, attribution, idempotency))
    })),
    breaks: ["an unknown order, and one with a pending payment, cannot be cancelled"]
  },
  {
    does: "reads an order, and moves its units after a delay",
    stores: orders((store, state) => ({
      fulfil: (id, fulfilment, attribution, idempotency) =>
        late([state.orders], store.fulfil(id, fulfilment, attribution, idempotency))
    })),
    breaks: [
      "concurrent changes of the same units: each unit moves once, and a call that comes late is refused",
      "ten concurrent moves of one order from one stage: one succeeds"
    ]
  },
  {
    does: "counts a move to a stage as a change of the total",
    stores: orders((store, state) => ({
      fulfil: (id, fulfilment, attribution, idempotency) =>
        Effect.tap(store.fulfil(id, fulfilment, attribution, idempotency), ({ value }) =>
          Effect.sync(() => {
            if (fulfilment.kind === "move") state.orders.set(id, { ...value, currentTotal: value.total })
          })
        )
    })),
    breaks: ["an order moves through the stages of its status as declared, and a stage changes nothing else"]
  },
  {
    does: "ships from every stage",
    stores: orders((store) => ({
      advance: (id, step, attribution, idempotency) => store.advance(id, step, attribution, idempotency)
    })),
    breaks: [
      "an order is shipped and completed only from a stage that may be left, and has no stage of an earlier status"
    ]
  },
  {
    does: "keeps the stage of an order that expires",
    stores: orders((store, state) => ({
      expire: (id, attribution, idempotency) =>
        Effect.suspend(() => {
          const stage = state.orders.get(id)?.stage
          return Effect.tap(store.expire(id, attribution, idempotency), ({ value }) =>
            Effect.sync(() => {
              if (stage !== undefined) state.orders.set(id, { ...value, stage })
            })
          )
        })
    })),
    breaks: ["payments, failures and cancellations are not held up by a stage, and end it"]
  },
  {
    does: "lets no order leave a stage that is not declared",
    stores: orders((store, state) => ({
      fulfil: (id, fulfilment, attribution, idempotency) =>
        Effect.suspend(() => {
          const order = state.orders.get(id)
          const from = order?.stage
          const isStuck =
            fulfilment.kind === "move" &&
            order !== undefined &&
            from !== undefined &&
            fulfilment.stages[order.status]?.moves[from] === undefined
          return isStuck
            ? Effect.fail(new IllegalStage({ orderId: id, from, to: fulfilment.stage }))
            : store.fulfil(id, fulfilment, attribution, idempotency)
        })
    })),
    breaks: [
      "an order whose stage a later deployment has forgotten moves to any of its status, and may be shipped"
    ]
  },
  {
    does: "lists only orders that were moved to a stage",
    stores: orders((store) => ({
      list: ({ stage, ...listing }) =>
        store.list({ ...listing, stage: stage && { ...stage, firstOf: undefined } })
    })),
    breaks: [
      "orders are listed by stage: those that were moved to it, and those of a status that were not moved"
    ]
  },
  {
    does: "sweeps more orders than the maximum",
    stores: orders((store) => ({
      expireUnpaid: (before, _, attribution, after) => store.expireUnpaid(before, 1000, attribution, after)
    })),
    breaks: ["a sweep expires unpaid orders from before a time, in batches, and no other orders"]
  },
  {
    does: "continues from an unknown position",
    stores: orders((store) => ({
      feed: (after, take) =>
        Effect.catchTag(store.feed(after, take), "PositionUnknown", () => Effect.succeed([]))
    })),
    breaks: ["a position of no event fails with PositionUnknown"]
  },
  {
    does: "takes the first event of the feed for the latest",
    stores: orders((_, { feed }) => ({
      latestPosition: () => Effect.sync(() => feed[0]?.position)
    })),
    breaks: ["the latest position is that of the last event, and events after it are those that come later"]
  },
  {
    does: "repeats the first event of each page of the feed",
    stores: orders((store) => ({
      feed: (after, take) =>
        Effect.map(store.feed(after, take), (page) => [...page.slice(0, 1), ...page].slice(0, take))
    })),
    breaks: [
      "the feed returns every event of every order once, in order, from any position",
      "a reader that follows concurrent orders and payments gets every event exactly once"
    ]
  }
]
