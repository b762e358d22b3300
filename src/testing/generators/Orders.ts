import { Arbitrary, Result } from "effect"
import { advance } from "../../domain/orders/AdvanceOrder.ts"
import type { Step } from "../../domain/orders/Lifecycle.ts"
import type { Order, OrderEvent } from "../../domain/orders/Order.ts"
import { type Placed, placeOrder } from "../../domain/orders/PlaceOrder.ts"
import type { Attribution } from "../../domain/shared/Attribution.ts"
import { OrderId } from "../../domain/shared/Ids.ts"
import { adjustedPlaceable, type Placing, placeable } from "./PlaceOrder.ts"
import { name, time } from "./Texts.ts"
import { type Gen, oneOf, pick, struct } from "./Values.ts"

/** Generates an actor and a time. */
export const attribution: Gen<Attribution> = struct({ at: time, actor: oneOf([pick(["system"]), name(255)]) })

/** A draft, its products, its order and all events of the order. */
export interface History extends Placing {
  readonly order: Order
  readonly events: readonly [OrderEvent, ...Array<OrderEvent>]
}

const follow = (
  placing: Placing,
  { order, event }: Placed,
  path: ReadonlyArray<Step>,
  actor: string
): History =>
  path.reduce<History>(
    (history, step) => {
      const at = new Date(history.order.updatedAt.getTime() + 60_000)
      const next = Result.getOrThrow(advance(history.order, step, { at, actor }))
      return { ...placing, order: next.order, events: [...history.events, next.event] }
    },
    { ...placing, order, events: [event] }
  )

const historyOver = (paths: ReadonlyArray<ReadonlyArray<Step>>): Gen<History> =>
  Arbitrary.map(
    Arbitrary.all({
      placing: oneOf([placeable, adjustedPlaceable]),
      id: Arbitrary.schema(OrderId),
      attribution,
      path: pick(paths)
    }),
    ({ placing, id, attribution, path }) =>
      follow(
        placing,
        Result.getOrThrow(placeOrder(placing.draft, placing.products, { ...attribution, id })),
        path,
        attribution.actor
      )
  )

/** Generates orders in every status with their events. */
export const history: Gen<History> = historyOver([
  [],
  ["paid"],
  ["paid", "shipped"],
  ["paid", "shipped", "completed"],
  ["declined"],
  ["expired"]
])

/** Generates orders in every status, made by `placeOrder` and `advance`. */
export const order: Gen<Order> = Arbitrary.map(history, ({ order }) => order)

/** Generates orders that have just been placed. */
export const createdOrder: Gen<Order> = Arbitrary.map(historyOver([[]]), ({ order }) => order)
