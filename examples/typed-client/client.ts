import { Effect, type Layer, SynchronizedRef } from "effect"
import { HttpClientRequest } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { Api, Authorization } from "effect-commerce/http-api"

/** Every request with the token that `authorize` gives it. */
const clientWith = (
  baseUrl: string,
  authorization: Layer.Layer<HttpApiMiddleware.ForClient<Authorization>>
) => Effect.provide(HttpApiClient.make(Api, { baseUrl }), authorization)

/** For what is public. */
export const visitor = (baseUrl: string) =>
  clientWith(
    baseUrl,
    HttpApiMiddleware.layerClient(Authorization, ({ request, next }) => next(request))
  )

/** Logs in, and stays so for as long as the session can be refreshed. */
export const logIn = Effect.fnUntraced(function* (
  baseUrl: string,
  credentials: { readonly email: string; readonly password: string }
) {
  const { auth } = yield* visitor(baseUrl)
  const session = yield* SynchronizedRef.make(yield* auth.login({ payload: credentials }))

  /** The token after this one: whoever comes first exchanges it, the others get what they got. */
  const renew = (refused: string) =>
    SynchronizedRef.updateAndGetEffect(session, (tokens) =>
      tokens.accessToken === refused
        ? auth.refresh({ payload: { refreshToken: tokens.refreshToken } })
        : Effect.succeed(tokens)
    )

  return yield* clientWith(
    baseUrl,
    HttpApiMiddleware.layerClient(
      Authorization,
      Effect.fnUntraced(function* ({ request, next }) {
        const { accessToken } = yield* SynchronizedRef.get(session)
        const response = yield* next(HttpClientRequest.bearerToken(request, accessToken))
        if (response.status !== 401) return response
        return yield* Effect.matchEffect(renew(accessToken), {
          onFailure: () => Effect.succeed(response),
          onSuccess: (tokens) => next(HttpClientRequest.bearerToken(request, tokens.accessToken))
        })
      })
    )
  )
})
