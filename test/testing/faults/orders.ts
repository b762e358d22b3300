import { Array as Arr, Effect, Option } from "effect"
import { InsufficientStock } from "../../../src/domain/catalog/Product.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { faulty, keeping, late, type State, seeing } from "../../support/faulty.ts"
import { type Fault, mustBeThere, oops } from "./Fault.ts"

type Store = OrderStore["Service"]

const orders = (spoil: (store: Store, state: State) => Partial<Store>) =>
  faulty(OrderStore, (store, state) => ({ ...store, ...spoil(store, state) }))

export const placingFaults: ReadonlyArray<Fault> = [
  {
    does: "sells what is not for sale",
    stores: orders((store, { products }) => ({
      place: (placement) =>
        seeing(products, (product) => ({ ...product, active: true }), store.place(placement))
    })),
    breaks: [
      "a draft becomes the order that the domain decides, or is refused as the domain refuses it and nothing changes",
      "every refusal says what is wrong, and changes nothing"
    ]
  },
  {
    does: "tells of the first shortage only",
    stores: orders((store) => ({
      place: (placement) =>
        Effect.mapError(store.place(placement), (refusal) =>
          refusal._tag === "InsufficientStock"
            ? new InsufficientStock({ shortages: refusal.shortages.slice(0, 1) })
            : refusal
        )
    })),
    breaks: ["all shortages are told, each with what is left"]
  },
  {
    does: "shows what was ordered under its present name",
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
    breaks: ["an order keeps name, SKU and price as they were, whatever happens to its products"]
  },
  {
    does: "breaks when it knows no such order",
    stores: orders((store, state) => ({
      get: (id) => mustBeThere(store.get(id)),
      advance: (id, to, attribution) => (state.orders.has(id) ? store.advance(id, to, attribution) : oops),
      list: (listing) =>
        Effect.flatMap(store.list(listing), (page) => (page.length === 0 ? oops : Effect.succeed(page)))
    })),
    breaks: [
      "an id that no order has finds nothing",
      "an order that nobody knows cannot be advanced",
      "a customer without orders has none"
    ]
  },
  {
    does: "reads the stock, and then waits before it takes what is ordered",
    stores: orders((store, { products }) => ({
      place: (placement) => late([products], store.place(placement))
    })),
    breaks: [
      "of 4 who buy a unit of 1 at once, 1 get one and all others hear that none is left",
      "of 20 who buy a unit of 10 at once, 10 get one and all others hear that none is left",
      "orders that name the same products in opposite order wait for each other and are all placed",
      "nothing is lost while products are bought, given back, adjusted and changed at once"
    ]
  }
]

export const orderFaults: ReadonlyArray<Fault> = [
  {
    does: "ships what is not paid",
    stores: orders((store, state) => ({
      advance: (id, to, attribution) =>
        seeing(
          state.orders,
          (order) => (order.status === "CREATED" ? { ...order, status: "PAID" as const } : order),
          store.advance(id, to, attribution)
        )
    })),
    breaks: [
      "a legal step moves the order and adds just its event; an illegal one is refused and leaves everything as it is"
    ]
  },
  {
    does: "reads an order, and then waits before it takes its step",
    stores: orders((store, state) => ({
      advance: (id, to, attribution) => late([state.orders], store.advance(id, to, attribution)),
      expire: (id, attribution) => late([state.orders], store.expire(id, attribution)),
      expireUnpaid: (before, take, attribution) =>
        late([state.orders], store.expireUnpaid(before, take, attribution))
    })),
    breaks: ["of ten who ship an order at once, one does"]
  },
  {
    does: "lists orders of every status, whichever is asked for",
    stores: orders((store) => ({ list: (listing) => store.list({ ...listing, status: undefined }) })),
    breaks: ["orders are listed by id, the greatest first, by status and customer, over page boundaries"]
  },
  {
    does: "keeps the stock of an order that expires",
    stores: orders((store, { products }) => ({
      expire: (id, attribution) => keeping(products, store.expire(id, attribution))
    })),
    breaks: [
      "an unpaid order expires and gives its stock back; in any other status it is refused and stays as it is"
    ]
  },
  {
    does: "lets an order expire while it is being paid",
    stores: orders((store, { payments }) => ({
      expire: (id, attribution) => seeing(payments, () => undefined, store.expire(id, attribution))
    })),
    breaks: [
      "an order with a pending payment does not expire, nor one that nobody knows",
      "sweeps, expiries and payments at once: each order goes one way, and its stock comes back once at most"
    ]
  },
  {
    does: "sweeps all at once",
    stores: orders((store) => ({
      expireUnpaid: (before, _, attribution) => store.expireUnpaid(before, 1000, attribution)
    })),
    breaks: ["a sweep expires unpaid orders of before a moment, a few at a time, and leaves all others alone"]
  },
  {
    does: "tells the first event of each page of the feed twice",
    stores: orders((store) => ({
      feed: (after, take) =>
        Effect.map(store.feed(after, take), (page) => [...page.slice(0, 1), ...page].slice(0, take))
    })),
    breaks: [
      "the feed tells every event of every order once, in the order that they happened, from any position on",
      "a reader that follows while orders are placed and paid at once misses nothing and sees nothing twice"
    ]
  }
]
