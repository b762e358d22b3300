import { Context } from "effect"
import { HttpMiddleware, HttpServerResponse } from "effect/http"

/** The origins (`https://shop.example`, or `*`) whose pages may use the API from a browser; none if absent. */
export const CorsOrigins = Context.Reference<ReadonlyArray<string>>("effect-commerce/http/CorsOrigins", {
  defaultValue: () => []
})

/** What pages of these origins may send and read. There are no cookies, so no credentials go along by themselves. */
export const cors = (origins: ReadonlyArray<string>) =>
  HttpMiddleware.cors({
    allowedOrigins: (origin) => origins.includes("*") || origins.includes(origin),
    allowedMethods: ["GET", "HEAD", "POST", "PATCH"],
    allowedHeaders: ["authorization", "content-type", "idempotency-key", "x-request-id"],
    exposedHeaders: ["x-request-id", "location", "retry-after", "idempotent-replayed"],
    maxAge: 600
  })

/** A policy with these directives, for what is in no frame, names no other base and sends no form. */
export const policy = (directives: ReadonlyArray<string>): string =>
  [...directives, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join("; ")

/** Nothing in an answer is to be run or shown, unless it says so itself. */
const ofAnswers = policy(["default-src 'none'"])

/** Tells browsers and proxies to keep nothing, to guess nothing, and to run nothing that does not belong here. */
export const withSecurityHeaders = (
  response: HttpServerResponse.HttpServerResponse
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.setHeaders(response, {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": response.headers["content-security-policy"] ?? ofAnswers
  })
