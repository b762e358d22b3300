/** Sends requests over HTTP and holds every answer to the contract, whatever a test asks of it besides. */
import { expect } from "vitest"
import { callOf, type Endpoint, endpoints } from "./Endpoints.ts"
import { type Code, misfits, problemOf, problems } from "./Shapes.ts"

export interface Answer<A = unknown> {
  readonly request: string
  readonly status: number
  readonly headers: Headers
  readonly body: A
  readonly text: string
}

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream
type Sent = { readonly headers?: Record<string, string>; readonly body?: Body }

export interface Caller {
  readonly get: <A>(path: string, headers?: Record<string, string>) => Promise<Answer<A>>
  readonly post: <A>(path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer<A>>
  readonly patch: <A>(path: string, body?: unknown) => Promise<Answer<A>>
  readonly put: <A>(path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer<A>>
  readonly remove: (path: string) => Promise<Answer>
  /** Anything else, as it is. */
  readonly send: <A>(method: string, path: string, sent?: Sent) => Promise<Answer<A>>
}

/** Where a caller asks, and as whom. */
export interface Line {
  readonly url: string
  readonly document: OpenApi
  readonly token: string | undefined
}

interface OpenApi {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, unknown> }
}
interface Operation {
  readonly operationId?: string
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: string }>
  readonly requestBody?: object
  readonly responses: Record<string, { readonly content?: Record<string, object>; readonly headers?: object }>
}

export type { OpenApi }

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const entityTag = /^W\/"[0-9a-f]{32}"$/

/** What an answer must be that its reader has already. */
const mustBeUnchanged = ({ request, headers, text }: Answer, endpoint: Endpoint) => {
  expect(endpoint.conditional, request).toBe(true)
  expect(headers.get("etag"), request).toMatch(entityTag)
  expect([headers.get("content-type"), text], request).toEqual([null, ""])
}

/** What an answer that is no error must be. */
const mustSucceed = ({ request, status, headers, body }: Answer, endpoint: Endpoint) => {
  expect(status, request).toBe(endpoint.status)
  expect(headers.get("content-type") ?? "", request).toMatch(status === 204 ? /^$/ : /^application\/json/)
  expect(misfits(endpoint.body, body), request).toEqual([])
  expect(headers.get("location") ?? "", request).toMatch(endpoint.location ?? /^$/)
  expect(endpoint.once ? [null, "true"] : [null]).toContain(headers.get("idempotent-replayed"))
  expect(headers.get("etag") ?? "", request).toMatch(endpoint.conditional ? entityTag : /^$/)
}

/** What an error must be: a problem document of a known kind, which tells nothing of how the server works. */
const mustBeProblem = ({ request, status, headers, body, text }: Answer) => {
  expect(headers.get("content-type"), request).toBe("application/problem+json")
  const { code } = Object(body)
  expect(Object.keys(problems), request).toContain(code)
  expect(misfits(problemOf(code as Code), body), request).toEqual([])
  expect(status, request).toBe(problems[code as Code].status)
  expect(text).not.toMatch(/\bat .*:\d+|\.ts\b|node_modules|SELECT |INSERT |UPDATE |commerce\./)
  expect(headers.get("www-authenticate")).toBe(code === "unauthenticated" ? "Bearer" : null)
  expect(headers.get("retry-after") ?? "").toMatch([429, 503].includes(status) ? /^[1-9]\d*$/ : /^$/)
}

/** The description of an endpoint names each of its answers: status, media type and the code of a problem. */
const mustBeDeclared = ({ request, status, headers, body }: Answer, document: OpenApi, call: string) => {
  const [method = "", path = ""] = call.split(" ")
  const response = document.paths[path]?.[method.toLowerCase()]?.responses[status]
  const type = headers.get("content-type")?.split(";")[0]
  const declared = type === undefined ? response : response?.content?.[type]
  expect(declared, `${request} is answered with ${status}, which ${call} does not declare`).toBeDefined()
  if (status < 400) return
  const named = JSON.stringify(declared).replaceAll(
    /\{"\$ref":"#\/components\/schemas\/(\w+)"\}/g,
    (_, name) => JSON.stringify(document.components.schemas[name])
  )
  expect(named, `${call} does not declare the code`).toContain(`"${Object(body).code}"`)
}

const hold = (answer: Answer, document: OpenApi, method: string, path: string) => {
  expect(answer.headers.get("x-request-id"), answer.request).toMatch(/^[\w.-]{1,128}$/)
  const call = callOf(method, path)
  if (answer.status >= 400) mustBeProblem(answer)
  else if (call !== undefined && answer.status === 304) mustBeUnchanged(answer, endpoints[call])
  else if (call !== undefined) mustSucceed(answer, endpoints[call])
  const elsewhere = ["not-found", "method-not-allowed", "internal"].includes(Object(answer.body).code)
  if (call !== undefined && !elsewhere) mustBeDeclared(answer, document, call)
}

/** Somebody who sends requests; `line` says where to once the server is there. */
export const makeCaller = (line: () => Promise<Line>): Caller => {
  const send = async <A>(method: string, path: string, { headers = {}, body }: Sent = {}) => {
    const { url, document, token } = await line()
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const stream = body instanceof ReadableStream ? { duplex: "half" } : {}
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...authorization, ...headers },
      redirect: "error",
      ...(body === undefined ? {} : { body }),
      ...stream
    })
    const text = await response.text()
    const answer = {
      request: `${method} ${path} → ${response.status} ${text.slice(0, 500)}`,
      status: response.status,
      headers: response.headers,
      body: json(text) as A,
      text
    }
    if (method !== "HEAD") hold(answer, document, method, path)
    return answer
  }
  const withBody = (method: string) => {
    return <A>(path: string, body?: unknown, headers: Record<string, string> = {}) =>
      body === undefined
        ? send<A>(method, path, { headers })
        : send<A>(method, path, {
            headers: { "content-type": "application/json", ...headers },
            body: JSON.stringify(body)
          })
  }
  return {
    get: (path, headers = {}) => send("GET", path, { headers }),
    post: withBody("POST"),
    patch: withBody("PATCH"),
    put: withBody("PUT"),
    remove: (path) => send("DELETE", path),
    send
  }
}
