import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"

/** `Location` names a path as the client sees it. */
const located = (prefix: string) =>
  HttpRouter.middleware(
    (app) =>
      Effect.map(app, (response) => {
        const { location } = response.headers
        return location === undefined
          ? response
          : HttpServerResponse.setHeader(response, "location", `${prefix}${location}`)
      }),
    { global: true }
  )

/** The host's router as it is under a path. */
export const mountAt = (basePath: string) => {
  const prefix = basePath.replace(/\/$/, "")
  const prefixed = Effect.map(HttpRouter.HttpRouter, (router) => router.prefixed(prefix))
  return Layer.provideMerge(located(prefix), Layer.effect(HttpRouter.HttpRouter, prefixed))
}
