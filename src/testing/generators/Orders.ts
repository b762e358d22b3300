import { Arbitrary, Result } from "effect"
import { fulfil } from "../../domain/fulfilment/Fulfilment.ts"
import type { StageTable } from "../../domain/fulfilment/Stage.ts"
import { type Advanced, advance } from "../../domain/orders/AdvanceOrder.ts"
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

/** A step of a path: with all units, or with half of them. */
type PathStep = Step | "move" | "cancel" | "ship half" | "cancel half" | "return half"

const half = ({ items }: Order) =>
  items.slice(0, Math.ceil(items.length / 2)).map(({ productId }) => ({ productId, quantity: 1 }))

const stagesOf = ({ status }: Order): StageTable => ({
  [status]: { first: "first", moves: { first: ["a stage"], "a stage": [] } }
})

const take = (order: Order, step: PathStep, attribution: Attribution): Result.Result<Advanced, unknown> => {
  switch (step) {
    case "move":
      return fulfil(order, { kind: "move", stage: "a stage", stages: stagesOf(order) }, false, attribution)
    case "cancel":
      return fulfil(order, { kind: "cancel", request: {} }, false, attribution)
    case "ship half":
      return fulfil(
        order,
        { kind: "ship", request: { items: half(order), carrier: "a carrier" } },
        false,
        attribution
      )
    case "cancel half":
      return fulfil(
        order,
        { kind: "cancel", request: { items: half(order), reason: "a reason" } },
        false,
        attribution
      )
    case "return half":
      return fulfil(order, { kind: "return", request: { items: half(order) } }, false, attribution)
    default:
      return advance(order, step, attribution)
  }
}

/** Follows a path. A step that the order does not allow is left out: half of one unit may be all of it. */
const follow = (
  placing: Placing,
  { order, event }: Placed,
  path: ReadonlyArray<PathStep>,
  actor: string
): History =>
  path.reduce<History>(
    (history, step) => {
      const at = new Date(history.order.updatedAt.getTime() + 60_000)
      const next = take(history.order, step, { at, actor })
      return Result.isFailure(next)
        ? history
        : { ...placing, order: next.success.order, events: [...history.events, next.success.event] }
    },
    { ...placing, order, events: [event] }
  )

const historyOver = (paths: ReadonlyArray<ReadonlyArray<PathStep>>): Gen<History> =>
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
  ["expired"],
  ["cancel"],
  ["cancel half", "paid", "ship half", "shipped", "return half"],
  ["paid", "ship half", "cancel", "completed", "return half"],
  ["move"],
  ["move", "paid", "move"],
  ["paid", "move", "ship half", "cancel half", "shipped", "move", "return half"]
])

/** Generates orders in every status, made by `placeOrder` and `advance`. */
export const order: Gen<Order> = Arbitrary.map(history, ({ order }) => order)

/** Generates orders that have just been placed. */
export const createdOrder: Gen<Order> = Arbitrary.map(historyOver([[]]), ({ order }) => order)
