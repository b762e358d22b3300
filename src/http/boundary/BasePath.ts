import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"

/** Adds the base path to `Location`, so that it is the path that the client sees. */
const withLocationPrefix = (prefix: string) =>
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

/** Mounts the routes of the host's router under a base path. */
export const mountAt = (basePath: string) => {
  const prefix = basePath.replace(/\/$/, "")
  const prefixed = Effect.map(HttpRouter.HttpRouter, (router) => router.prefixed(prefix))
  return Layer.provideMerge(withLocationPrefix(prefix), Layer.effect(HttpRouter.HttpRouter, prefixed))
}
