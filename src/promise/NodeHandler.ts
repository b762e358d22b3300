/** The HTTP API for servers on `node:http`: its own, Express, Fastify, Koa, and whatever extends these. */
import type { CommerceHandler } from "./Fetch.ts"

/** What the handler reads of a request of `node:http`, or of a framework that extends it. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** URL before Express or Connect has removed the mount path. */
  readonly originalUrl?: string | undefined
  /** What a middleware has read and parsed. */
  readonly body?: unknown
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean }
  readonly readableDidRead: boolean
  readonly on: (event: string, listener: (chunk: Uint8Array) => void) => unknown
  readonly off: (event: string, listener: (chunk: Uint8Array) => void) => unknown
  readonly pause: () => unknown
  readonly resume: () => unknown
}

/** What the handler uses of a response of `node:http`. */
export interface NodeResponse {
  statusCode: number
  readonly headersSent: boolean
  readonly writableFinished: boolean
  readonly destroyed: boolean
  readonly setHeader: (name: string, value: string) => unknown
  readonly write: (chunk: Uint8Array) => boolean
  readonly end: () => unknown
  readonly destroy: (error?: Error) => unknown
  readonly once: (event: string, listener: () => void) => unknown
  readonly off: (event: string, listener: () => void) => unknown
}

/** A request of Fastify. */
export interface RawRequest {
  readonly raw: NodeRequest
  readonly body?: unknown
}

/** A reply of Fastify. */
export interface RawReply {
  readonly raw: NodeResponse
  readonly hijack: () => unknown
}

/**
 * Handles requests of `node:http` and Express, and of routes of Fastify. Passes requests outside `http.basePath` to
 * `next`; without `next` they are not found.
 */
export type NodeHandler = (
  request: NodeRequest | RawRequest,
  response: NodeResponse | RawReply,
  next?: (error?: unknown) => void
) => void

/** A host has mounted the handler where it cannot work. */
class WrongMount extends Error {
  override readonly name = "WrongMount"
}

/** `host[:port]`. Anything else could change the path of the URL. */
const authority = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i

/** Segments and separators by which a URL gets another path than the one that a proxy has seen (RFC 3986, 5.2.4). */
const rewritten = /\\|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i

const text = (value: string | ReadonlyArray<string> | undefined) =>
  typeof value === "string" ? value : undefined

/** The path with its query. A request to a proxy has a whole URL (RFC 9112, 3.2.2). */
const targetOf = ({ originalUrl, url = "/" }: NodeRequest): string => {
  const target = (originalUrl ?? url).replace(/^https?:\/\/[^/?#]*/i, "")
  return target.startsWith("/") ? target : `/${target}`
}

const isUnder = (basePath: string, path: string) => path === basePath || path.startsWith(`${basePath}/`)

/** The path where Express or Connect has mounted the handler. */
const mountOf = ({ originalUrl, url = "/" }: NodeRequest): string => {
  if (originalUrl === undefined) return ""
  const [whole = "", rest = ""] = [originalUrl, url].map((target) => target.split("?")[0]?.replace(/\/$/, ""))
  return whole.endsWith(rest) ? whole.slice(0, whole.length - rest.length) : ""
}

/** Refuses a mount path under which no request can reach the base path: all of them would not be found. */
const checkMount = (basePath: string, request: NodeRequest) => {
  const mount = mountOf(request)
  if (isUnder(mount.toLowerCase(), basePath.toLowerCase())) return
  throw new WrongMount(
    `The handler is mounted under ${mount}, but http.basePath is "${basePath || "/"}": set http: { basePath: "${mount}" }`
  )
}

const headersOf = ({ headers }: NodeRequest): Headers => {
  const copy = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 has pseudo-headers such as `:path`.
    if (value === undefined || name.startsWith(":")) continue
    copy.set(name, typeof value === "string" ? value : value.join(", "))
  }
  return copy
}

/** The body as a stream that reads from the socket only what is asked for. */
const streamOf = (request: NodeRequest): ReadableStream<Uint8Array> => {
  let stop: (() => void) | undefined
  const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const settle = (settled: () => void) => () => {
      stop?.()
      settled()
    }
    const data = (chunk: Uint8Array) => {
      controller.enqueue(chunk)
      request.pause()
    }
    const end = settle(() => controller.close())
    const close = settle(() => controller.error(new Error("The client has closed the connection")))
    request.on("data", data)
    request.on("end", end)
    request.on("close", close)
    request.on("error", close)
    return () => {
      request.off("data", data)
      request.off("end", end)
      request.off("close", close)
      // The listener of errors stays: an error without one would end the process.
      stop = () => {}
      request.resume()
    }
  }
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        stop ??= start(controller)
        request.resume()
      },
      cancel: () => stop?.()
    },
    { highWaterMark: 0 }
  )
}

const hasBody = ({ headers }: NodeRequest) =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0

/** The body that a middleware has read, as it may have been sent. */
const readBody = (request: NodeRequest, parsed: unknown): string | Uint8Array<ArrayBuffer> | undefined => {
  if (!hasBody(request)) return undefined
  if (parsed === undefined) {
    throw new Error(
      "The body of this request has been read before, and request.body is not set: mount the handler before what reads bodies"
    )
  }
  if (typeof parsed === "string") return parsed
  return parsed instanceof Uint8Array ? new Uint8Array(parsed) : JSON.stringify(parsed)
}

const bodyOf = (request: NodeRequest, parsed: unknown): RequestInit & { readonly duplex?: "half" } => {
  if (request.readableDidRead) return { body: readBody(request, parsed) ?? null }
  return hasBody(request) ? { body: streamOf(request), duplex: "half" } : {}
}

/** A request of the Fetch API cannot have these methods, and refuses them: the API answers them as other unknown methods. */
const methodOf = ({ method = "GET" }: NodeRequest): string =>
  ["CONNECT", "TRACE", "TRACK"].includes(method) ? `${method}-` : method

/** Sends a response as fast as the client reads it. */
const send = async (answer: Response, response: NodeResponse): Promise<void> => {
  if (response.destroyed) return answer.body?.cancel()
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) response.setHeader(name, value)
  const reader = answer.body?.getReader()
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    if (response.destroyed) return reader?.cancel()
    if (!response.write(part.value)) await drained(response)
  }
  response.end()
}

const drained = (response: NodeResponse) =>
  new Promise<void>((resolve) => {
    const resume = () => {
      response.off("drain", resume)
      response.off("close", resume)
      resolve()
    }
    response.once("drain", resume)
    response.once("close", resume)
  })

/** Returns a signal that aborts if the client leaves before the response has ended. */
const signalOf = (response: NodeResponse): AbortSignal => {
  const leaving = new AbortController()
  response.once("close", () => {
    if (!response.writableFinished) leaving.abort()
  })
  return leaving.signal
}

const originOf = ({ headers, socket }: NodeRequest): string => {
  const host = text(headers.host ?? headers[":authority"]) ?? ""
  const scheme = socket.encrypted === true ? "https" : "http"
  const origin = `${scheme}://${host}`
  return authority.test(host) && URL.canParse(origin) ? origin : `${scheme}://localhost`
}

/** A path that no resource has. */
const nowhere = "/;"

const webRequest = (request: NodeRequest, target: string, parsed: unknown, signal: AbortSignal): Request => {
  const method = methodOf(request)
  return new Request(`${originOf(request)}${target}`, {
    method,
    headers: headersOf(request),
    signal,
    ...(method === "GET" || method === "HEAD" ? {} : bodyOf(request, parsed))
  })
}

/**
 * Serves the HTTP API on a server of `node:http`, or as a middleware or route of a framework on it. A body that a middleware has parsed
 * is serialized again.
 */
export const toNodeHandler = ({ handler }: { readonly handler: CommerceHandler }): NodeHandler => {
  const basePath = handler.basePath.replace(/\/$/, "")

  return (incoming, outgoing, next) => {
    const request = "raw" in incoming ? incoming.raw : incoming
    const response = "raw" in outgoing ? outgoing.raw : outgoing
    if ("raw" in outgoing) outgoing.hijack()

    const serve = async () => {
      // A middleware before may have taken longer than the client has waited: no event would tell of it.
      if (response.destroyed) return
      checkMount(basePath, request)
      const target = targetOf(request)
      const [path = ""] = target.split("?")
      const isRewritten = rewritten.test(path)
      if (next !== undefined && (isRewritten || !isUnder(basePath, path))) return next()
      const signal = signalOf(response)
      const { remoteAddress } = request.socket
      const asked = webRequest(request, isRewritten ? nowhere : target, incoming.body, signal)
      await send(await handler(asked, { remoteAddress, incoming }), response)
      // A connection with a body that is not read would accept no further request.
      request.resume()
    }
    serve().catch(async (error: unknown) => {
      if (response.headersSent) response.destroy(error instanceof Error ? error : undefined)
      else if (next !== undefined) next(error)
      else await send(await handler.fail(error), response)
    })
  }
}
