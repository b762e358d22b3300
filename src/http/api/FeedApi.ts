import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { FeedEvent, FeedPosition } from "../../domain/orders/Feed.ts"
import { Integer } from "../../domain/shared/Integer.ts"
import { Authorization, RequiredPermission } from "./Authorization.ts"
import { InvalidInput, PositionUnknown, TooManyRequests, Unavailable } from "./Problems.ts"
import { limit } from "./Request.ts"

/** Starts after the last event that the feed has now. */
export const latest = "latest"

/** Maximum time to wait for an event, in seconds: less than the 30 seconds after which many proxies give up. */
export const maxWait = 25

const seconds = Schema.String.check(
  Schema.isPattern(/^(?:0|[1-9]\d*)$/, { expected: `an integer from 0 to ${maxWait}` })
)

/** Events of all orders. `nextPosition` is where to go on; it is `null` as long as no event has been read. */
const FeedPage = Schema.Struct({
  items: Schema.Array(FeedEvent),
  nextPosition: Schema.NullOr(FeedPosition)
}).annotate({ identifier: "FeedPage" })

export class FeedApi extends HttpApiGroup.make("feed")
  .add(
    HttpApiEndpoint.get("feed", "/feed", {
      query: {
        after: Schema.optional(Schema.Union([FeedPosition, Schema.Literal(latest)])),
        limit,
        wait: Schema.optional(
          seconds.pipe(Schema.decodeTo(Schema.NumberFromString), Schema.decodeTo(Integer(0, maxWait)))
        )
      },
      success: FeedPage,
      error: [InvalidInput, PositionUnknown, TooManyRequests, Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "read feed")
      .annotate(OpenApi.Summary, "Read the events of all orders")
      .annotate(
        OpenApi.Description,
        "Events come in the order of their commits, each once, and none is skipped. Send `nextPosition` as `after` of the next request, and keep it together with the result of processing the events. An empty page means that there are no later events yet."
      )
  )
  .annotate(OpenApi.Title, "Feed")
  .annotate(OpenApi.Description, "The events of all orders, for back ends that follow the shop.") {}
