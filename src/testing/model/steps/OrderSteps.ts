import { Arbitrary, Effect } from "effect"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import { Orders } from "../../../services/Orders.ts"
import { pick } from "../../Generators.ts"
import {
  find,
  findAgo,
  findCustomer,
  learn,
  malformedId,
  unknownId,
  upperCase,
  type Which
} from "../World.ts"
import { draftFields, draftOf } from "./Drafts.ts"
import { readFeed } from "./Feed.ts"
import { limit, listing, start } from "./Listings.ts"
import { actor, key, mostly, step, storedIfKeyed, which } from "./Step.ts"

const positions = { "the start": undefined, nowhere: "nowhere" }

/** Changes one order with the given method. */
const changing = (method: "ship" | "complete" | "expire" | "cancel") =>
  step(Arbitrary.all({ order: which, key, actor }), ({ order, key: idempotencyKey, actor }, world) => {
    const orderId = find(world, "order", order)
    return storedIfKeyed(
      world,
      idempotencyKey,
      Orders.use(
        (orders): Effect.Effect<Order, unknown> => orders[method](orderId, { actor, idempotencyKey })
      )
    )
  })

/** Moves some units of an order with the given method: those of a product, or all that it has of some lines. */
const moving = (method: "ship" | "cancel" | "returnItems") =>
  step(
    Arbitrary.all({
      order: which,
      lines: Arbitrary.array(
        Arbitrary.all({ line: pick([0, 0, 1, 2]), quantity: mostly([1, 1, 1, 2, 3], [1_000_000, 0]) }),
        { minLength: 1, maxLength: 2 }
      ),
      note: pick([undefined, undefined, "a note"]),
      key,
      actor
    }),
    ({ order, lines, note, key: idempotencyKey, actor }, world) => {
      const orderId = find(world, "order", order)
      return storedIfKeyed(
        world,
        idempotencyKey,
        Orders.use((orders) =>
          Effect.flatMap(orders.get(orderId), (found): Effect.Effect<Order, unknown> => {
            const items = lines.map(({ line, quantity }) => ({
              productId: (found.items[line] ?? found.items[0]).productId,
              quantity
            }))
            const options = { items, actor, idempotencyKey }
            return method === "ship"
              ? orders.ship(orderId, { ...options, carrier: note })
              : orders[method](orderId, { ...options, reason: note })
          })
        )
      )
    }
  )

export const orderSteps = {
  place: step(
    Arbitrary.all({ ...draftFields, key, actor }),
    ({ key: idempotencyKey, actor, ...fields }, world) =>
      Effect.flatMap(draftOf(fields, world), (draft) =>
        storedIfKeyed(
          world,
          idempotencyKey,
          Effect.tap(
            Orders.use((orders) => orders.placeOrReplay(draft, { actor, idempotencyKey })),
            ({ value: { id } }) => Effect.sync(() => learn(world, "order", id))
          )
        )
      )
  ),

  quote: step(Arbitrary.all(draftFields), (fields, world) =>
    Effect.flatMap(draftOf(fields, world), (draft) => Orders.use((orders) => orders.quote(draft)))
  ),

  ship: changing("ship"),

  complete: changing("complete"),

  expire: changing("expire"),

  cancel: changing("cancel"),

  "ship items": moving("ship"),

  "cancel items": moving("cancel"),

  "return items": moving("returnItems"),

  "move order": step(
    Arbitrary.all({
      order: which,
      stage: mostly(["picked", "picked", "packed", "new", "at the door"], ["lost", ""]),
      key,
      actor
    }),
    ({ order, stage, key: idempotencyKey, actor }, world) => {
      const orderId = find(world, "order", order)
      return storedIfKeyed(
        world,
        idempotencyKey,
        Orders.use((orders) => orders.move(orderId, stage, { actor, idempotencyKey }))
      )
    }
  ),

  "expire unpaid": step(Arbitrary.all({ minutes: pick([0, 0, 1, 30]) }), ({ minutes }) =>
    Orders.use((orders) => orders.expireUnpaid({ minutes }))
  ),

  "see order": step(Arbitrary.all({ order: which }), ({ order }, world) =>
    Orders.use((orders) => orders.get(find(world, "order", order)))
  ),

  "see history": step(Arbitrary.all({ order: which }), ({ order }, world) =>
    Orders.use((orders) => orders.history(find(world, "order", order)))
  ),

  "list orders": step(
    Arbitrary.all({
      status: pick([undefined, undefined, ...statuses]),
      stage: pick([undefined, undefined, undefined, "new", "picked", "on its way", "lost"]),
      customer: mostly<Which | undefined>(
        [undefined, undefined, 0, 1, 2],
        [unknownId, malformedId, upperCase]
      ),
      start,
      limit
    }),
    ({ status, stage, customer, start, limit }, world) => {
      const customerId = customer === undefined ? undefined : findCustomer(world, customer)
      return listing(world, (page) =>
        Orders.use((orders) => orders.list({ status, stage, customerId, ...page }))
      )(start, limit)
    }
  ),

  "read feed": step(
    Arbitrary.all({ from: mostly(["the start", 0, 0, 1, 2], ["nowhere"]), limit: pick([1, 2, 3, 100]) }),
    ({ from, limit }, world) =>
      readFeed(world, typeof from === "number" ? findAgo(world.positions, from) : positions[from], limit)
  )
}
