import { Arbitrary, Effect } from "effect"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import type { Order } from "../../../domain/orders/Order.ts"
import { Catalog } from "../../../services/Catalog.ts"
import { Orders } from "../../../services/Orders.ts"
import { pick } from "../../Generators.ts"
import type { ModelShop } from "../ModelShop.ts"
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
import { readFeed } from "./Feed.ts"
import { limit, listing, start } from "./Listings.ts"
import { actor, key, mostly, step, storedIfKeyed, which } from "./Step.ts"

const metadata = mostly<Readonly<Record<string, string>> | undefined>(
  [undefined, undefined, { gift: "yes", note: "" }, JSON.parse('{"__proto__": "1", "constructor": "2"}')],
  [{ zero: "\u0000" }]
)

interface Line {
  readonly productId: string
  readonly quantity: number
}

/** Computes the total of the lines at current prices. Unknown products count as 0. */
const worth = (lines: ReadonlyArray<Line>): Effect.Effect<number, never, ModelShop> =>
  Effect.map(
    Effect.forEach(lines, ({ productId, quantity }) =>
      Catalog.use((catalog) => catalog.product(productId)).pipe(
        Effect.map(({ price }) => price.amount * quantity),
        Effect.orElseSucceed(() => 0)
      )
    ),
    (amounts) => amounts.reduce((sum, amount) => sum + amount, 0)
  )

const expectation = mostly(["nothing", "nothing", "nothing", "what it is worth"], ["less", "yen"])
const expected = (expectation: string, worth: number) =>
  expectation === "nothing"
    ? {}
    : {
        expectedTotal: {
          amount: expectation === "less" ? Math.max(0, worth - 1) : worth,
          currency: expectation === "yen" ? "JPY" : "EUR"
        }
      }

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
    Arbitrary.all({
      customer: which,
      lines: Arbitrary.array(
        Arbitrary.all({ product: which, quantity: mostly([1, 1, 1, 1, 2, 3, 5, 10], [100, 1_000_000, 0]) }),
        { minLength: 1, maxLength: 4 }
      ),
      expectation,
      metadata,
      key,
      actor
    }),
    ({ customer, lines, expectation, metadata, key: idempotencyKey, actor }, world) => {
      const items = lines.map(({ product, quantity }) => ({
        productId: find(world, "product", product),
        quantity
      }))
      const customerId = findCustomer(world, customer)
      const draft = { customerId, items, metadata }
      return Effect.flatMap(worth(items), (worth) =>
        storedIfKeyed(
          world,
          idempotencyKey,
          Effect.tap(
            Orders.use((orders) =>
              orders.placeOrReplay({ ...draft, ...expected(expectation, worth) }, { actor, idempotencyKey })
            ),
            ({ value: { id } }) => Effect.sync(() => learn(world, "order", id))
          )
        )
      )
    }
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

  "expire unpaid": step(Arbitrary.all({ minutes: pick([0, 1, 30, 1440]) }), ({ minutes }) =>
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
