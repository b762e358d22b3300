import { createServer, type IncomingMessage, type Server } from "node:http"
import type { Socket } from "node:net"
import { Effect } from "effect"

/**
 * Node's server, and what drops the connections over which no request has come yet, now and from then on: browsers
 * open some in advance, and a server that stops would wait for the first request of each.
 */
export const httpServer: Effect.Effect<{
  readonly server: Server
  readonly dropSilent: Effect.Effect<void>
}> = Effect.sync(() => {
  const server = createServer()
  const silent = new Set<Socket>()
  let dropping = false
  const heard = ({ socket }: IncomingMessage) => silent.delete(socket)
  server.on("request", heard).on("checkContinue", heard)
  server.on("connection", (socket) => {
    if (dropping) return void socket.destroy()
    silent.add(socket)
    socket.once("close", () => silent.delete(socket))
  })
  const dropSilent = Effect.sync(() => {
    dropping = true
    for (const socket of silent) socket.destroy()
  })
  return { server, dropSilent }
})
