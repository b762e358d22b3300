import { Context, Effect } from "effect"
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

const refusalOf = (faults: ReadonlyArray<Fault>): Effect.Effect<void, InvalidInput> =>
  faults.length === 0 ? Effect.void : Effect.fail(new InvalidInput({ errors: faults }))

/**
 * Refuses what the endpoint does not read: query parameters, members of a body, and an idempotency key of a change. Ignored,
 * they would let a client believe that they have an effect. The schemas of an endpoint refuse the rest.
 */
export const refuseUnknownInput = ({ headers, method, payload, query }: HttpApiEndpoint.Top) => {
  const isChange = HttpMethod.hasBody(method)
  const takesKey = headers !== undefined || !isChange
  return Effect.withFiber<
    void,
    InvalidInput,
    HttpServerRequest.HttpServerRequest | HttpServerRequest.ParsedSearchParams
  >(({ context }) => {
    const request = Context.getUnsafe(context, HttpServerRequest.HttpServerRequest)
    const faults: Array<Fault> = []
    if (!takesKey && request.headers[idempotencyKey] !== undefined) {
      faults.push({ path: pointer([idempotencyKey]), message: "This endpoint takes no idempotency key" })
    }
    if (query === undefined) {
      faults.push(...unknownKeys(Context.getUnsafe(context, HttpServerRequest.ParsedSearchParams)))
    }
    if (payload.size > 0 || !isChange) return refusalOf(faults)
    return Effect.flatMap(Effect.orDie(bodyFaults(request)), (more) => refusalOf([...faults, ...more]))
  })
}
