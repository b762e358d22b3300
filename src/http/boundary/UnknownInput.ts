import { Effect } from "effect"
import { HttpMethod, HttpServerRequest } from "effect/http"
import type { HttpApiEndpoint } from "effect/http-api"
import { type Fault, InvalidInput } from "../../domain/shared/InvalidInput.ts"
import { pointer, unknownKey } from "../../domain/shared/SchemaIssues.ts"
import { onceHeaders } from "../api/Request.ts"

const [idempotencyKey] = Object.keys(onceHeaders) as ["idempotency-key"]

const unknownKeys = (value: object): ReadonlyArray<Fault> =>
  Object.keys(value).map((name) => ({ path: pointer([name]), message: unknownKey }))

/** A body where none is expected. An empty object is what some clients send for nothing. */
const bodyFaults = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
  if ((yield* request.text) === "") return []
  const body = yield* request.json
  return typeof body === "object" && body !== null && !Array.isArray(body)
    ? unknownKeys(body)
    : [{ path: "", message: "Expected no body" }]
})

/**
 * Refuses what the endpoint does not read: query parameters, members of a body, and an idempotency key of a change. Ignored,
 * they would let a client believe that they have an effect. The schemas of an endpoint refuse the rest.
 */
export const refuseUnknownInput = Effect.fnUntraced(function* (endpoint: HttpApiEndpoint.Top) {
  const request = yield* HttpServerRequest.HttpServerRequest
  const faults: Array<Fault> = []
  const isChange = HttpMethod.hasBody(endpoint.method)
  if (endpoint.headers === undefined && isChange && request.headers[idempotencyKey] !== undefined) {
    faults.push({ path: pointer([idempotencyKey]), message: "This endpoint takes no idempotency key" })
  }
  if (endpoint.query === undefined) {
    faults.push(...unknownKeys(yield* HttpServerRequest.ParsedSearchParams))
  }
  if (endpoint.payload.size === 0 && isChange) faults.push(...(yield* Effect.orDie(bodyFaults(request))))
  if (faults.length > 0) yield* new InvalidInput({ errors: faults })
})
