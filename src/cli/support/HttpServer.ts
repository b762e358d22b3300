import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { Duration, Effect } from "effect"
import type { HttpServerError } from "effect/http"
import { contentType, document, type ProblemType } from "../../http/api/Problem.ts"
import { serverSettings } from "../../settings/ServerSettings.ts"
import { answerClientError } from "./ClientError.ts"
import { Failure } from "./Failure.ts"

/** Limits on clients before a request is complete. Times are in milliseconds, sizes in bytes. */
export interface ServerLimits {
  /** Maximum size of the request line and all headers. */
  readonly head: number
  /** Maximum time until the head, and until the whole request has arrived. */
  readonly headTime: number
  readonly requestTime: number
  /** Maximum time without traffic on a connection while a request is handled. */
  readonly idleTimeout: number
  /** Time that a connection stays open after a response, for the next request. */
  readonly keepAliveTime: number
  readonly connections: number
}

const unmetExpectation: ProblemType = {
  status: 417,
  code: "expectation-failed",
  title: "Expectation failed"
}

/** The host of a request without one, which HTTP/1.1 forbids: an empty list of hosts. */
const noHost = ","

const defaults: ServerLimits = {
  head: 16 * 1024,
  headTime: 10_000,
  requestTime: 30_000,
  idleTimeout: 120_000,
  keepAliveTime: Duration.toMillis(serverSettings.keepAliveTimeout.default),
  connections: 10_000
}

/** Names the variables that a server cannot listen with. */
export const cannotListen = (
  { host, port, variable }: { readonly variable: string; readonly host: string; readonly port: number },
  { cause }: HttpServerError.ServeError
): Failure => {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  return new Failure({
    line:
      code === "EADDRINUSE"
        ? `${variable}: ${port} is in use on ${host}`
        : `HOST, ${variable}: cannot listen on ${host}:${port} (${code})`
  })
}

/**
 * Creates Node's HTTP server with limits, and two effects for a graceful shutdown: from `drain` on, each response closes its
 * connection; `closeIdleConnections` closes those without a request.
 *
 * Node alone waits for the first request of a connection that a browser opened in advance. It also keeps
 * connections alive for seconds after the last response.
 */
export const httpServer = (
  given: Partial<ServerLimits> = {}
): Effect.Effect<{
  readonly server: Server
  readonly drain: Effect.Effect<void>
  readonly closeIdleConnections: Effect.Effect<void>
}> =>
  Effect.sync(() => {
    const limits: ServerLimits = { ...defaults, ...given }
    const server = createServer({
      maxHeaderSize: limits.head,
      headersTimeout: limits.headTime,
      requestTimeout: limits.requestTime,
      keepAliveTimeout: limits.keepAliveTime,
      connectionsCheckingInterval: Math.min(1000, limits.headTime),
      // The boundary refuses several hosts, and none, with a problem document. Node would take the first, or answer without one.
      joinDuplicateHeaders: true,
      requireHostHeader: false
    })
    server.maxConnections = limits.connections
    server.setTimeout(limits.idleTimeout)
    const unused = new Set<Socket>()
    const activeResponses = new Set<ServerResponse>()
    let draining = false
    let shuttingDown = false

    const onRequest = ({ headers, httpVersionMinor, socket }: IncomingMessage, response: ServerResponse) => {
      unused.delete(socket)
      if (httpVersionMinor > 0 && headers.host === undefined) headers.host = noHost
      if (draining) response.shouldKeepAlive = false
      activeResponses.add(response)
      response.once("close", () => activeResponses.delete(response))
    }
    const broken = new WeakSet<Duplex>()
    /**
     * Answers go out in order, so what cannot be parsed is answered only if nothing before it waits for an answer. Otherwise the connection
     * closes after the answers to what came before. A response that has begun cannot be replaced by a problem document.
     */
    const onClientError = (error: Error, socket: Duplex) => {
      // The parser fails again on whatever follows.
      if (broken.has(socket)) return
      broken.add(socket)
      const active = [...activeResponses].filter(({ req }) => req.socket === socket)
      const last = active.findLast(({ req }) => req.complete)
      if (last !== undefined) {
        last.shouldKeepAlive = false
        last.once("finish", () => socket.end())
      } else if (active.some(({ headersSent }) => headersSent)) socket.destroy()
      else answerClientError(error, socket)
    }
    server.on("clientError", onClientError)
    server.on("connect", (_request, socket) =>
      answerClientError(new Error("This server is not a proxy"), socket)
    )
    // Only 100-continue is known, which Node answers itself (RFC 9110, 10.1.1).
    server.on("checkExpectation", onRequest).on("checkExpectation", (_request, response) => {
      const text = JSON.stringify(
        document(unmetExpectation, "The only expectation that is met is 100-continue.")
      )
      response.writeHead(417, {
        "content-type": contentType,
        "content-length": Buffer.byteLength(text),
        "x-request-id": randomUUID(),
        connection: "close"
      })
      response.end(text)
    })
    server.on("request", onRequest).on("checkContinue", onRequest)
    server.on("connection", (socket) => {
      if (shuttingDown) return void socket.destroy()
      unused.add(socket)
      socket.once("close", () => unused.delete(socket))
    })

    const drain = Effect.sync(() => {
      draining = true
      for (const response of activeResponses) response.shouldKeepAlive = false
    })
    const closeIdleConnections = Effect.andThen(
      drain,
      Effect.sync(() => {
        shuttingDown = true
        for (const socket of unused) socket.destroy()
      })
    )
    return { server, drain, closeIdleConnections }
  })
