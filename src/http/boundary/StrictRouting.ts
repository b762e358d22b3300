import { Layer } from "effect"
import { HttpRouter } from "effect/http"

/** Router options that treat paths with different case or slashes as different paths (RFC 3986, 6.2.2.1). */
export const strictRouting = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false
} as const

/** Provides a router with these options. */
export const layerStrictRouter = /* @__PURE__ */ Layer.provide(
  HttpRouter.layer,
  /* @__PURE__ */ Layer.succeed(HttpRouter.RouterConfig, strictRouting)
)
