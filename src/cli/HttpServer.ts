import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { Effect } from "effect"

/**
 * Node's server, and what makes it let go of its connections, so that it can stop as soon as it has answered. Node
 * alone would wait for the first request of a connection that a browser has opened in advance, and keep a connection
 * alive for seconds after the last answer.
 */
export const httpServer: Effect.Effect<{
  readonly server: Server
  readonly letGo: Effect.Effect<void>
}> = Effect.sync(() => {
  const server = createServer()
  const silent = new Set<Socket>()
  const answering = new Set<ServerResponse>()
  let lettingGo = false

  const onRequest = ({ socket }: IncomingMessage, response: ServerResponse) => {
    silent.delete(socket)
    if (lettingGo) response.shouldKeepAlive = false
    answering.add(response)
    response.once("close", () => answering.delete(response))
  }
  server.on("request", onRequest).on("checkContinue", onRequest)
  server.on("connection", (socket) => {
    if (lettingGo) return void socket.destroy()
    silent.add(socket)
    socket.once("close", () => silent.delete(socket))
  })

  const letGo = Effect.sync(() => {
    lettingGo = true
    for (const socket of silent) socket.destroy()
    for (const response of answering) response.shouldKeepAlive = false
  })
  return { server, letGo }
})
