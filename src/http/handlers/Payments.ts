import { Effect } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import type { PaymentOperation } from "../../domain/payments/PaymentOperation.ts"
import type { IdempotentResult } from "../../domain/shared/Idempotency.ts"
import { Payments } from "../../services/Payments.ts"
import { Api, CurrentAccount } from "../api/index.ts"
import { PaymentsApi } from "../api/PaymentsApi.ts"
import { answering } from "../boundary/Answers.ts"
import { partOf } from "../boundary/BoundedPage.ts"
import { replayHeader } from "./Replay.ts"
import { makeVisibleOrder } from "./VisibleOrder.ts"

const created = (answer: IdempotentResult<PaymentOperation>) =>
  HttpApiSchema.withHeaders({
    body: answer.value,
    headers: {
      location: `/orders/${answer.value.orderId}/payment-operations`,
      ...replayHeader(answer)
    }
  })

const idOf = ({ id }: { readonly id: string }) => id

export const PaymentsHandlers = HttpApiBuilder.group(
  Api,
  "payments",
  Effect.fnUntraced(function* (handlers) {
    const payments = yield* Payments
    const visible = yield* makeVisibleOrder

    return handlers.handleAll(
      answering(PaymentsApi, {
        capture: Effect.fnUntraced(function* ({ params, headers }) {
          const { id: actor } = yield* CurrentAccount
          const idempotencyKey = headers["idempotency-key"]
          return created(yield* payments.captureOrReplay(params.id, { actor, idempotencyKey }))
        }),

        void: Effect.fnUntraced(function* ({ params, headers }) {
          const { id: actor } = yield* CurrentAccount
          const idempotencyKey = headers["idempotency-key"]
          return created(yield* payments.voidOrReplay(params.id, { actor, idempotencyKey }))
        }),

        refund: Effect.fnUntraced(function* ({ params, payload, headers }) {
          const { id: actor } = yield* CurrentAccount
          const idempotencyKey = headers["idempotency-key"]
          return created(yield* payments.refundOrReplay(params.id, { ...payload, actor, idempotencyKey }))
        }),

        refunds: Effect.fnUntraced(function* ({ params, query }) {
          yield* visible(params.id)
          const operations = yield* payments.operations(params.id)
          const refunds = operations.filter(({ kind }) => kind === "refund")
          return yield* Effect.fromResult(partOf(refunds, idOf, query.cursor))
        }),

        refundable: Effect.fnUntraced(function* ({ params }) {
          yield* visible(params.id)
          return yield* payments.refundable(params.id)
        }),

        recordOperation: Effect.fnUntraced(function* ({ params, payload, headers }) {
          const { id: actor } = yield* CurrentAccount
          const idempotencyKey = headers["idempotency-key"]
          return created(
            yield* payments.recordOperationOrReplay(
              { ...payload, orderId: params.id },
              { actor, idempotencyKey }
            )
          )
        }),

        recordPayment: Effect.fnUntraced(function* ({ params, payload, headers }) {
          const { id: actor } = yield* CurrentAccount
          const idempotencyKey = headers["idempotency-key"]
          const answer = yield* payments.recordOrReplay(
            { ...payload, orderId: params.id },
            { actor, idempotencyKey }
          )
          return HttpApiSchema.withHeaders({
            body: answer.value,
            headers: { location: `/orders/${params.id}/payments`, ...replayHeader(answer) }
          })
        }),

        recordOutcome: Effect.fnUntraced(function* ({ params, payload, headers }) {
          const { id: actor } = yield* CurrentAccount
          const idempotencyKey = headers["idempotency-key"]
          const answer = yield* payments.recordOutcomeOrReplay(
            { ...payload, paymentId: params.id },
            { actor, idempotencyKey }
          )
          return HttpApiSchema.withHeaders({ body: answer.value, headers: replayHeader(answer) })
        }),

        operations: Effect.fnUntraced(function* ({ params, query }) {
          yield* visible(params.id)
          const operations = yield* payments.operations(params.id)
          return yield* Effect.fromResult(partOf(operations, idOf, query.cursor))
        })
      })
    )
  })
)
