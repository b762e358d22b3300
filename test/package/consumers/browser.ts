import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { Api, Authorization } from "effect-commerce/http-api"

const asVisitor = HttpApiMiddleware.layerClient(Authorization, ({ request, next }) => next(request))

/** What a page of a shop would do. */
const categories = Effect.gen(function* () {
  const { catalog } = yield* HttpApiClient.make(Api, { baseUrl: "http://127.0.0.1:1" })
  return yield* catalog.categories({ query: {} })
}).pipe(Effect.provide(Layer.merge(asVisitor, FetchHttpClient.layer)))

console.log(
  await Effect.runPromise(Effect.match(categories, { onSuccess: String, onFailure: ({ _tag }) => _tag }))
)
