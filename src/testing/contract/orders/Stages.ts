import { Effect, Result } from "effect"
import type { Fulfilment } from "../../../domain/fulfilment/Fulfilment.ts"
import {
  defineStages,
  IllegalStage,
  type StageTable,
  statusThatBegins,
  withStage
} from "../../../domain/fulfilment/Stage.ts"
import { advanceFromStage } from "../../../domain/orders/AdvanceOrder.ts"
import { statuses } from "../../../domain/orders/Lifecycle.ts"
import { type Order, OrderNotFound } from "../../../domain/orders/Order.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { OrderId } from "../../../domain/shared/Ids.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { newAttribution, newId, order, orderIn, paid, shop } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { changesNothing, checkIntegrity, readOrder, readProduct } from "../operations/ShopSnapshot.ts"
import { apply, decides } from "./DecidedFulfilment.ts"

const stages: StageTable = defineStages({
  PAID: {
    first: "new",
    moves: { new: ["picked"], picked: ["packed", "new"], packed: [] },
    leaves: ["packed"]
  },
  SHIPPED: {
    first: "on its way",
    moves: { "on its way": ["at the door"], "at the door": [] },
    leaves: ["at the door"]
  },
  CANCELLED: { first: "to call back", moves: { "to call back": ["called back"], "called back": [] } }
})

/** The stages of a later deployment, which has forgotten a word. */
const renamed: StageTable = defineStages({ PAID: { first: "open", moves: { open: ["packed"], packed: [] } } })

const words = ["new", "picked", "packed", "on its way", "at the door", "to call back", "called back", "lost"]

const moving = (stage: string, table: StageTable = stages): Fulfilment => ({
  kind: "move",
  stage,
  stages: table
})

const moved = Effect.fnUntraced(function* (id: OrderId, ...path: ReadonlyArray<string>) {
  yield* Effect.forEach(path, (stage) => apply(id, moving(stage)))
  return yield* readOrder(id)
})

export const stageLaws: ReadonlyArray<Law> = [
  law(
    "an order moves through the stages of its status as declared, and a stage changes nothing else [O8]",
    Effect.gen(function* () {
      const payments = yield* PaymentStore
      for (const status of statuses) {
        const own = yield* shop(10)
        const before = yield* orderIn(status, own, [[own.products[0], 2]])
        const [stock, paidBefore] = [yield* readProduct(own.products[0].id), yield* payments.list(before.id)]
        let found = before
        for (const word of [...words, ...words]) found = yield* decides(own, found, moving(word))
        yield* same(
          { ...found, stage: "", version: 0, updatedAt: before.updatedAt },
          { ...before, stage: "", version: 0 }
        )
        yield* same(yield* readProduct(own.products[0].id), stock)
        yield* same(yield* payments.list(before.id), paidBefore)
        yield* checkIntegrity(own)
      }
    })
  ),

  law(
    "an order is shipped and completed only from a stage that may be left, and has no stage of an earlier status",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10)
      const { id } = yield* orderIn("PAID", own, [[own.products[0], 2]])
      const advancing = Effect.fnUntraced(function* (step: "shipped" | "completed") {
        const attribution = yield* newAttribution
        const decision = advanceFromStage(yield* readOrder(id), step, attribution, stages)
        const work = store.advance(id, step, attribution, undefined, stages)
        if (Result.isFailure(decision)) return yield* changesNothing(own, refused(work, decision.failure))
        yield* same(yield* work, firstTime(decision.success.order))
        yield* same(yield* readOrder(id), decision.success.order)
      })
      const one = { items: [{ productId: own.products[0].id, quantity: 1 }] }
      const part: Fulfilment = { kind: "ship", request: one, stages }
      const early = new IllegalStage({ orderId: id, from: "new", to: "SHIPPED" })
      yield* changesNothing(own, refused(apply(id, part), early))
      yield* advancing("shipped")
      yield* same((yield* moved(id, "picked", "packed")).stage, "packed")
      yield* same((yield* apply(id, part)).value.stage, "packed")
      yield* advancing("shipped")
      yield* same((yield* readOrder(id)).stage, undefined)
      yield* advancing("completed")
      yield* moved(id, "at the door")
      yield* advancing("completed")
      yield* same((yield* readOrder(id)).stage, undefined)
      yield* checkIntegrity(own)
    })
  ),

  law(
    "payments, failures and cancellations are not held up by a stage, and end it",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const table = defineStages({ CREATED: { first: "a", moves: { a: ["b"], b: [] }, leaves: [] } })
      const own = yield* shop(20)
      const staged = Effect.fnUntraced(function* () {
        const { id } = yield* order(own, [[own.products[0], 1]])
        yield* apply(id, moving("b", table))
        return id
      })
      const ends = [
        (id: OrderId) => paid({ id }, "APPROVED"),
        (id: OrderId) => paid({ id }, "DECLINED"),
        (id: OrderId) => Effect.flatMap(newAttribution, (by) => store.expire(id, by, undefined)),
        (id: OrderId) => apply(id, { kind: "cancel", request: {} })
      ]
      for (const end of ends) {
        const id = yield* staged()
        yield* end(id)
        yield* same((yield* readOrder(id)).stage, undefined)
      }
      yield* checkIntegrity(own)
    })
  ),

  law(
    "an order whose stage a later deployment has forgotten moves to any of its status, and may be shipped [O8]",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10)
      const lines = [[own.products[0], 1]] as const
      const [first, second] = [yield* orderIn("PAID", own, lines), yield* orderIn("PAID", own, lines)]
      for (const { id } of [first, second]) yield* moved(id, "picked")
      const unknown = new IllegalStage({ orderId: first.id, from: "picked", to: "new" })
      yield* changesNothing(own, refused(apply(first.id, moving("new", renamed)), unknown))
      yield* same((yield* apply(first.id, moving("open", renamed))).value.stage, "open")
      const shipped = yield* store.advance(second.id, "shipped", yield* newAttribution, undefined, renamed)
      yield* same(shipped.value.status, "SHIPPED")
    })
  ),

  law(
    "orders are listed by stage: those that were moved to it, and those of a status that were not moved",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(100)
      const { customerId } = own
      const lines = [[own.products[0], 1]] as const
      const orders: Array<Order> = []
      for (const path of [[], ["picked"], ["picked", "new"], ["picked", "packed"], []]) {
        const { id } = yield* orderIn("PAID", own, lines)
        orders.push(yield* moved(id, ...path))
      }
      for (const status of statuses) orders.push(yield* orderIn(status, own, lines))
      const newest = orders.sort((a, b) => (a.id < b.id ? 1 : -1))
      for (const stage of words) {
        const expected = newest.filter((order) => withStage(stages, order).stage === stage)
        const filter = { stage, firstOf: statusThatBegins(stages, stage) }
        for (const status of [undefined, "PAID", "SHIPPED"] as const) {
          const found = yield* store.list({ customerId, status, stage: filter, after: undefined, take: 100 })
          yield* same(
            found,
            expected.filter((order) => status === undefined || order.status === status)
          )
        }
      }
    })
  ),

  law(
    "ten concurrent moves of one order from one stage: one succeeds",
    Effect.gen(function* () {
      const own = yield* shop(10)
      const { id } = yield* orderIn("PAID", own, [[own.products[0], 1]])
      const moves = Array.from({ length: 10 }, () => apply(id, moving("picked")))
      const [done, late] = yield* concurrently(moves)
      yield* same([done.length, late.length], [1, 9])
      const { stage, version } = yield* readOrder(id)
      yield* same([stage, version], ["picked", 3])
      const unknown = yield* newId(OrderId)
      yield* refused(apply(unknown, moving("picked")), new OrderNotFound({ orderId: unknown }))
    })
  )
]
