import { Context } from "effect"
import { HttpMiddleware, HttpServerResponse } from "effect/http"
import { positionHeader } from "../api/openapi/Positions.ts"

/**
 * Origins whose pages may call the API from a browser (`https://shop.example`, or `*` for all). Defaults to none.
 */
export const CorsOrigins = Context.Reference<ReadonlyArray<string>>("effect-commerce/http/CorsOrigins", {
  defaultValue: () => []
})

/** Headers of a trace, which clients such as Effect's send with every request (W3C Trace Context, B3). */
const traceHeaders = ["traceparent", "tracestate", "baggage", "b3"]

/**
 * CORS for the given origins. The API itself uses no cookies. With `credentials`, which users of the host need, browsers send theirs for
 * pages of origins that are named; `*` names none.
 */
export const cors = (origins: ReadonlyArray<string>, { credentials }: { readonly credentials: boolean }) =>
  HttpMiddleware.cors({
    credentials: credentials && !origins.includes("*"),
    allowedOrigins: (origin) => origins.includes("*") || origins.includes(origin),
    allowedMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allowedHeaders: [
      "authorization",
      "content-type",
      "idempotency-key",
      "if-none-match",
      positionHeader,
      "x-request-id",
      ...traceHeaders
    ],
    exposedHeaders: [
      "x-request-id",
      "location",
      "retry-after",
      "idempotent-replayed",
      "www-authenticate",
      "etag",
      positionHeader
    ],
    maxAge: 600
  })

/** Returns a Content Security Policy with these directives. It forbids frames, other base URLs, and forms. */
export const policy = (directives: ReadonlyArray<string>): string =>
  [...directives, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join("; ")

/** Policy of API responses: nothing may run or render. */
const apiPolicy = policy(["default-src 'none'"])

/**
 * Adds the id of the request, and headers that forbid caching unless the response says otherwise, content sniffing, referrers, and execution
 * of content.
 */
export const withBoundaryHeaders = (
  response: HttpServerResponse.HttpServerResponse,
  requestId: string
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.setHeaders(response, {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": response.headers["cache-control"] ?? "no-store",
    "content-security-policy": response.headers["content-security-policy"] ?? apiPolicy,
    "x-request-id": requestId
  })
