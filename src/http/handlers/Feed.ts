import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { maxLimit } from "../../domain/shared/Page.ts"
import { Orders } from "../../services/Orders.ts"
import { FeedApi, latest } from "../api/FeedApi.ts"
import { Api } from "../api/index.ts"
import { answering } from "../boundary/Answers.ts"
import { partOf } from "../boundary/BoundedPage.ts"
import { makeFeedReaders } from "../boundary/FeedReaders.ts"
import { makeReplicaReads } from "../boundary/ReplicaReads.ts"

export const FeedHandlers = HttpApiBuilder.group(
  Api,
  "feed",
  Effect.fnUntraced(function* (handlers) {
    const orders = yield* Orders
    const read = yield* makeFeedReaders
    const forReport = (yield* makeReplicaReads)("report")
    return handlers.handleAll(
      answering(FeedApi, {
        feed: forReport(
          Effect.fnUntraced(function* ({ query: { after, limit = maxLimit, wait = 0 } }) {
            const start = after === latest ? yield* orders.latestPosition : (after ?? null)
            const events = yield* read(start ?? undefined, limit, wait)
            const { items } = yield* Effect.fromResult(partOf(events, ({ position }) => position, undefined))
            return { items, nextPosition: items.at(-1)?.position ?? start }
          })
        )
      })
    )
  })
)
