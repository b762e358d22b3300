import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { Server as NetServer, type Socket } from "node:net"
import type { Duplex } from "node:stream"
import { Duration, Effect } from "effect"
import type { HttpServerError } from "effect/http"
import { contentType, document, type ProblemType } from "../../http/api/Problem.ts"
import { serverSettings } from "../../settings/ServerSettings.ts"
import { answerClientError } from "./ClientError.ts"
import { Failure } from "./Failure.ts"
import { readTurns, takesTurns } from "./ReadTurns.ts"

/** Limits on clients. Times are in milliseconds, sizes in bytes. */
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
  /** Requests of one connection that may wait for their answers; the next is refused, and the connection closes. */
  readonly pipelined: number
  /** Reads that are handled at the same time; more wait in their order, but health checks and metrics do not. */
  readonly reads: number
  /** A read that takes longer waits for something else, and is no longer counted. */
  readonly readTime: number
  /** Maximum time in which a client reads nothing of a complete answer. */
  readonly unreadTime: number
  /** Size of all answers that are complete and not sent. Above it the connections that wait longest for their clients are closed. */
  readonly unsent: number
}

const tooManyAtOnce: ProblemType = { status: 429, code: "too-many-requests", title: "Too many requests" }

const shuttingDownProblem: ProblemType = { status: 503, code: "unavailable", title: "Unavailable" }

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
  connections: 10_000,
  pipelined: 32,
  reads: 64,
  readTime: 10_000,
  unreadTime: 30_000,
  unsent: 16 * 1024 * 1024
}

/** How often unread answers are looked for. */
const unreadInterval = 1000

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
 * Creates Node's HTTP server with limits, and effects for a graceful shutdown: from `drain` on, each response closes its connection;
 * `closeIdleConnections` closes those without a request; `stopAccepting` leaves further connections to the other workers, and completes
 * when none is left.
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
  readonly stopAccepting: Effect.Effect<void>
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
    // Among workers, Node would else offer what is too much from one to the other without end.
    Object.assign(server, { dropMaxConnection: true })
    server.setTimeout(limits.idleTimeout)
    const unused = new Set<Socket>()
    const activeResponses = new Set<ServerResponse>()
    const inFlight = new WeakMap<Socket, number>()
    const unread = new WeakSet<ServerResponse>()
    /** Size of the answers since it was looked for unread ones, as far as they were not sent at once. */
    let unsentSince = 0
    let draining = false
    let shuttingDown = false

    const onRequest = ({ headers, httpVersionMinor, socket }: IncomingMessage, response: ServerResponse) => {
      unused.delete(socket)
      if (httpVersionMinor > 0 && headers.host === undefined) headers.host = noHost
      if (draining) response.shouldKeepAlive = false
      activeResponses.add(response)
      inFlight.set(socket, (inFlight.get(socket) ?? 0) + 1)
      response.once("close", () => {
        activeResponses.delete(response)
        inFlight.set(socket, (inFlight.get(socket) ?? 1) - 1)
      })
    }

    /** Gives the client of a complete answer time to read on. Node counts it from the last byte that was taken. */
    const awaitReader = (response: ServerResponse) => {
      const { socket } = response.req
      unread.add(response)
      socket.setTimeout(Math.min(limits.unreadTime, limits.idleTimeout))
      response.once("finish", () => {
        if ((inFlight.get(socket) ?? 0) > 1) socket.setTimeout(limits.idleTimeout)
      })
    }

    /** Closes connections whose clients do not read, the oldest first, until what is not sent fits into memory. */
    const closeUnread = () => {
      unsentSince = 0
      const complete = [...activeResponses].filter(({ writableEnded }) => writableEnded)
      let unsent = 0
      for (const response of complete) {
        unsent += response.writableLength
        if (!unread.has(response)) awaitReader(response)
      }
      for (const response of complete) {
        if (unsent <= limits.unsent) return
        unsent -= response.writableLength
        response.req.socket.destroy()
      }
    }

    /** A flood of reads fills memory long before the next look. Only reads have large answers. */
    const inTurn = readTurns(limits, ({ writableLength }) => {
      unsentSince += writableLength
      if (unsentSince > limits.unsent / 4) closeUnread()
    })

    const answerAtOnce = (
      response: ServerResponse,
      problem: ProblemType,
      detail: string,
      headers: Record<string, string> = {}
    ) => {
      const text = JSON.stringify(document(problem, detail))
      response.writeHead(problem.status, {
        "content-type": contentType,
        "content-length": Buffer.byteLength(text),
        "x-request-id": randomUUID(),
        connection: "close",
        ...headers
      })
      response.end(text)
    }

    const emit = server.emit.bind(server)
    const handle = (event: string, request: IncomingMessage, response: ServerResponse) => {
      if (!emit(event, request, response)) {
        answerAtOnce(response, shuttingDownProblem, "The server is shutting down.", { "retry-after": "1" })
      }
    }

    // A listener could not keep the others from handling a request.
    server.emit = (event: string, ...args: ReadonlyArray<unknown>) => {
      if (event !== "request" && event !== "checkContinue") return emit(event, ...args)
      const [request, response] = args as [IncomingMessage, ServerResponse]
      const isTooMuch = (inFlight.get(request.socket) ?? 0) >= limits.pipelined
      onRequest(request, response)
      if (isTooMuch) {
        const detail = `A connection may have ${limits.pipelined} requests that wait for their answers.`
        answerAtOnce(response, tooManyAtOnce, detail, { "retry-after": "1" })
      } else if (takesTurns(request)) inTurn(response, () => handle(event, request, response))
      else handle(event, request, response)
      return true
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
      answerAtOnce(response, unmetExpectation, "The only expectation that is met is 100-continue.")
    })
    let watch: NodeJS.Timeout | undefined
    server.on("listening", () => {
      watch = setInterval(closeUnread, unreadInterval).unref()
    })
    server.on("close", () => clearInterval(watch))
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
        server.closeIdleConnections()
      })
    )
    // An HTTP server's own `close` also ends idle connections, on which requests may be on their way.
    const stopAccepting = Effect.callback<void>((resume) => {
      NetServer.prototype.close.call(server, () => resume(Effect.void))
    })
    return { server, drain, closeIdleConnections, stopAccepting }
  })
