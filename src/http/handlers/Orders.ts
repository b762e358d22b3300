import { Effect } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import { allow } from "../../domain/accounts/AccessPolicy.ts"
import { orderVersion } from "../../domain/orders/Order.ts"
import type { OrderQueryInput } from "../../services/inputs/Orders.ts"
import { Orders } from "../../services/Orders.ts"
import { Payments } from "../../services/Payments.ts"
import { Api, CurrentAccount } from "../api/index.ts"
import { OrdersApi } from "../api/OrdersApi.ts"
import { answering } from "../boundary/Answers.ts"
import { partOf, withinBytes } from "../boundary/BoundedPage.ts"
import { ofPages } from "../boundary/ConditionalReads.ts"
import { makeReplicaReads } from "../boundary/ReplicaReads.ts"
import { replayHeader } from "./Replay.ts"
import { makeVisibleOrder } from "./VisibleOrder.ts"

const ofOrder = { versionOf: orderVersion, isPublic: () => false }

const ofOrders = ofPages(orderVersion, ofOrder.isPublic)

export const OrdersHandlers = HttpApiBuilder.group(
  Api,
  "orders",
  Effect.fnUntraced(function* (handlers) {
    const orders = yield* Orders
    const payments = yield* Payments
    const forAccount = (yield* makeReplicaReads)("account")

    const visible = yield* makeVisibleOrder

    return handlers.handleAll(
      answering(
        OrdersApi,
        {
          place: Effect.fnUntraced(function* ({ payload, headers }) {
            const { id: customerId } = yield* CurrentAccount
            const idempotencyKey = headers["idempotency-key"]
            const answer = yield* orders.placeOrReplay(
              { ...payload, customerId },
              { actor: customerId, idempotencyKey }
            )
            return HttpApiSchema.withHeaders({
              body: answer.value,
              headers: { location: `/orders/${answer.value.id}`, ...replayHeader(answer) }
            })
          }),

          list: forAccount(
            Effect.fnUntraced(function* ({ query }) {
              const account = yield* CurrentAccount
              const { customerId = account.role === "customer" ? account.id : undefined } = query
              if (customerId !== account.id) yield* Effect.fromResult(allow(account, "list orders of anyone"))
              return yield* withinBytes((page: OrderQueryInput) => orders.list(page))({
                ...query,
                customerId
              })
            })
          ),

          get: ({ params }) => visible(params.id),

          history: Effect.fnUntraced(function* ({ params, query }) {
            yield* visible(params.id)
            const events = yield* orders.history(params.id)
            return yield* Effect.fromResult(partOf(events, ({ sequence }) => `${sequence}`, query.cursor))
          }),

          advance: Effect.fnUntraced(function* ({ params, payload }) {
            const { id: actor } = yield* CurrentAccount
            const step = payload.status === "SHIPPED" ? orders.ship : orders.complete
            return yield* step(params.id, { actor }).pipe(
              Effect.catchTags({ IdempotencyKeyReused: Effect.die, InsufficientUnits: Effect.die })
            )
          }),

          move: Effect.fnUntraced(function* ({ params, payload, headers }) {
            const { id: actor } = yield* CurrentAccount
            const idempotencyKey = headers["idempotency-key"]
            const answer = yield* orders.moveOrReplay(params.id, payload.stage, { actor, idempotencyKey })
            return HttpApiSchema.withHeaders({ body: answer.value, headers: replayHeader(answer) })
          }),

          ship: Effect.fnUntraced(function* ({ params, payload, headers }) {
            const { id: actor } = yield* CurrentAccount
            const answer = yield* orders.shipOrReplay(params.id, {
              ...payload,
              actor,
              idempotencyKey: headers["idempotency-key"]
            })
            return HttpApiSchema.withHeaders({ body: answer.value, headers: replayHeader(answer) })
          }),

          cancel: Effect.fnUntraced(function* ({ params, payload, headers }) {
            const account = yield* CurrentAccount
            yield* visible(params.id)
            const isPart = payload.items !== undefined || payload.fees !== undefined
            if (isPart) yield* Effect.fromResult(allow(account, "cancel part of order"))
            if (payload.refund) yield* Effect.fromResult(allow(account, "manage payments"))
            const answer = yield* orders.cancelOrReplay(params.id, {
              ...payload,
              actor: account.id,
              idempotencyKey: headers["idempotency-key"],
              onlyUnpaid: account.role === "customer"
            })
            return HttpApiSchema.withHeaders({ body: answer.value, headers: replayHeader(answer) })
          }),

          returnItems: Effect.fnUntraced(function* ({ params, payload, headers }) {
            const { id: actor } = yield* CurrentAccount
            const answer = yield* orders.returnItemsOrReplay(params.id, {
              ...payload,
              actor,
              idempotencyKey: headers["idempotency-key"]
            })
            return HttpApiSchema.withHeaders({ body: answer.value, headers: replayHeader(answer) })
          }),

          expire: Effect.fnUntraced(function* ({ params }) {
            const { id: actor } = yield* CurrentAccount
            return yield* orders
              .expire(params.id, { actor })
              .pipe(Effect.catchTag("IdempotencyKeyReused", Effect.die))
          }),

          pay: Effect.fnUntraced(function* ({ params, payload, headers }) {
            const account = yield* CurrentAccount
            const { id: orderId, customerId } = yield* visible(params.id)
            yield* Effect.fromResult(allow(account, "pay order", customerId))
            const idempotencyKey = headers["idempotency-key"]
            const answer = yield* payments
              .payOrReplay({ ...payload, orderId }, { actor: account.id, idempotencyKey })
              .pipe(Effect.catchTag("TransactionOpen", Effect.die))
            return HttpApiSchema.withHeaders({
              body: answer.value,
              headers: { location: `/orders/${orderId}/payments`, ...replayHeader(answer) }
            })
          }),

          payments: Effect.fnUntraced(function* ({ params, query }) {
            yield* visible(params.id)
            const found = yield* payments.list(params.id)
            return yield* Effect.fromResult(partOf(found, ({ id }) => id, query.cursor))
          })
        },
        { get: ofOrder, list: ofOrders }
      )
    )
  })
)
