import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { Effect } from "effect"
import { answerClientError } from "./ClientError.ts"

/** Limits of the server for slow and large requests. Times are in milliseconds, sizes in bytes. */
export interface ServerLimits {
  /** Maximum size of the request line and all headers. */
  readonly head: number
  /** Time in which the head of a request must arrive, and time for the whole request. */
  readonly headTime: number
  readonly requestTime: number
  /** Time without any traffic after which a connection is closed. */
  readonly idleTimeout: number
  readonly connections: number
}

const usual: ServerLimits = {
  head: 16 * 1024,
  headTime: 10_000,
  requestTime: 30_000,
  idleTimeout: 120_000,
  connections: 10_000
}

/**
 * Node's server, which waits for slow clients no longer than it must, and what makes it let go of its connections, so
 * that it can stop as soon as it has answered. Node alone would wait for the first request of a connection that a
 * browser has opened in advance, and keep a connection alive for seconds after the last answer.
 */
export const httpServer = (
  limits: ServerLimits = usual
): Effect.Effect<{
  readonly server: Server
  readonly closeIdleConnections: Effect.Effect<void>
}> =>
  Effect.sync(() => {
    const server = createServer({
      maxHeaderSize: limits.head,
      headersTimeout: limits.headTime,
      requestTimeout: limits.requestTime,
      connectionsCheckingInterval: Math.min(1000, limits.headTime)
    })
    server.maxConnections = limits.connections
    server.setTimeout(limits.idleTimeout)
    const silent = new Set<Socket>()
    const answering = new Set<ServerResponse>()
    let lettingGo = false

    const onRequest = ({ socket }: IncomingMessage, response: ServerResponse) => {
      silent.delete(socket)
      if (lettingGo) response.shouldKeepAlive = false
      answering.add(response)
      response.once("close", () => answering.delete(response))
    }
    /** Nothing can be said in the middle of an answer. */
    const onClientError = (error: Error, socket: Duplex) => {
      const begun = answering.values().some((response) => response.socket === socket && response.headersSent)
      if (begun) socket.destroy()
      else answerClientError(error, socket)
    }
    server.on("clientError", onClientError)
    server.on("connect", (_request, socket) => answerClientError(new Error("This is no proxy"), socket))
    server.on("request", onRequest).on("checkContinue", onRequest)
    server.on("connection", (socket) => {
      if (lettingGo) return void socket.destroy()
      silent.add(socket)
      socket.once("close", () => silent.delete(socket))
    })

    const closeIdleConnections = Effect.sync(() => {
      lettingGo = true
      for (const socket of silent) socket.destroy()
      for (const response of answering) response.shouldKeepAlive = false
    })
    return { server, closeIdleConnections }
  })
