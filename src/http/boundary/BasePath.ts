import { Context, Effect, Layer } from "effect"
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

/** The base path without a slash at its end: empty for the root. */
export const prefixOf = (basePath: string): string => basePath.replace(/\/$/, "")

/** URL of the API for its OpenAPI document. Clients append paths that begin with a slash. */
export const serverUrl = (basePath: string): string => prefixOf(basePath) || "/"

/** What comes before the path of each route: a base path without a slash at its end. */
export const RoutePrefix = Context.Reference<string>("effect-commerce/http/RoutePrefix", {
  defaultValue: () => ""
})

/** Provides a router that puts the base path before the path of each route. */
export const prefixRoutes = (basePath: string) => {
  const prefix = prefixOf(basePath)
  return Layer.merge(
    Layer.effect(
      HttpRouter.HttpRouter,
      Effect.map(HttpRouter.HttpRouter, (router) => router.prefixed(prefix))
    ),
    Layer.succeed(RoutePrefix, prefix)
  )
}

/** Mounts the routes of the host's router under a base path. */
export const mountAt = (basePath: string) => {
  const prefix = prefixOf(basePath)
  return Layer.provideMerge(prefix === "" ? Layer.empty : withLocationPrefix(prefix), prefixRoutes(basePath))
}
