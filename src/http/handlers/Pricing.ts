import { Effect } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import { Orders } from "../../services/Orders.ts"
import { Vouchers } from "../../services/Vouchers.ts"
import { Api, CurrentAccount } from "../api/index.ts"
import { PricingApi } from "../api/PricingApi.ts"
import { answering } from "../boundary/Answers.ts"
import { withinBytes } from "../boundary/BoundedPage.ts"
import { replayHeader } from "./Replay.ts"

export const PricingHandlers = HttpApiBuilder.group(
  Api,
  "pricing",
  Effect.fnUntraced(function* (handlers) {
    const orders = yield* Orders
    const vouchers = yield* Vouchers

    return handlers.handleAll(
      answering(PricingApi, {
        quote: Effect.fnUntraced(function* ({ payload }) {
          const { id: customerId } = yield* CurrentAccount
          return yield* orders.quote({ ...payload, customerId })
        }),

        createVoucher: Effect.fnUntraced(function* ({ payload, headers }) {
          const { id: actor } = yield* CurrentAccount
          const idempotencyKey = headers["idempotency-key"]
          const answer = yield* vouchers.createOrReplay(payload, { actor, idempotencyKey })
          return HttpApiSchema.withHeaders({
            body: answer.value,
            headers: { location: `/vouchers/${answer.value.id}`, ...replayHeader(answer) }
          })
        }),

        vouchers: ({ query }) => withinBytes(vouchers.list)(query),

        voucher: ({ params }) => vouchers.get(params.id),

        changeVoucher: ({ params, payload }) =>
          vouchers
            .change({ ...payload, voucherId: params.id })
            .pipe(Effect.catchTag("IdempotencyKeyReused", Effect.die))
      })
    )
  })
)
