/** Servers of frameworks that serve the HTTP API of a commerce under `/shop`. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo, Server } from "node:net"
import { getRequestListener } from "@hono/node-server"
import { getConnInfo } from "@hono/node-server/conninfo"
import express from "express"
import fastify from "fastify"
import { Hono } from "hono"
import Koa from "koa"
import { type Commerce, type Connection, toNodeHandler } from "../../src/promise/index.ts"

/** A server that listens on a free port of this computer. */
export interface Listening {
  readonly url: string
  readonly server: Server
  readonly close: () => Promise<void>
}

export const listen = async (server: Server): Promise<Listening> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const close = async () => {
    if ("closeAllConnections" in server) (server.closeAllConnections as () => void)()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, close }
}

export interface Door {
  readonly name: string
  /** Whether the framework answers what is outside of the base path. */
  readonly hasOtherRoutes: boolean
  readonly open: (commerce: Commerce) => Promise<Listening>
}

const onNode = (
  name: string,
  hasOtherRoutes: boolean,
  listenerOf: (commerce: Commerce) => RequestListener
) => ({
  name,
  hasOtherRoutes,
  open: (commerce: Commerce) => listen(createServer(listenerOf(commerce)))
})

/** Fastify reads JSON by itself; without its parsers the API reads it. */
export const fastifyOf = async (commerce: Commerce, { parsesJson }: { readonly parsesJson: boolean }) => {
  const app = fastify()
  await app.register(async (shop) => {
    if (!parsesJson) {
      shop.removeAllContentTypeParsers()
      shop.addContentTypeParser("*", (_request, _payload, done) => done(null))
    }
    shop.all("/shop/*", toNodeHandler(commerce))
  })
  await app.ready()
  return app
}

export const doors: ReadonlyArray<Door> = [
  onNode("node:http", false, (commerce) => toNodeHandler(commerce)),
  onNode("Express", true, (commerce) => express().use(toNodeHandler(commerce))),
  onNode("Express under a mount path", true, (commerce) => express().use("/shop", toNodeHandler(commerce))),
  onNode("Koa", false, (commerce) => {
    const handle = toNodeHandler(commerce)
    return new Koa()
      .use((context) => {
        context.respond = false
        handle(context.req, context.res)
      })
      .callback()
  }),
  onNode("Hono", true, (commerce) =>
    getRequestListener(
      new Hono().all("/shop/*", (context) => {
        const { address } = getConnInfo(context).remote
        return commerce.handler(context.req.raw, { remoteAddress: address })
      }).fetch
    )
  ),
  {
    name: "Fastify",
    hasOtherRoutes: true,
    open: async (commerce) => {
      const app = await fastifyOf(commerce, { parsesJson: false })
      await app.listen({ host: "127.0.0.1", port: 0 })
      const { port } = app.server.address() as AddressInfo
      return { url: `http://127.0.0.1:${port}`, server: app.server, close: () => app.close() }
    }
  }
]

export type Ask = (request: Request, connection?: Connection) => Promise<Response>

/** Sends a request to a server. A peer that it names is one that a trusted proxy on this computer saw. */
export const askOver =
  (url: string): Ask =>
  async (request, { remoteAddress } = {}) => {
    const { pathname, search } = new URL(request.url)
    const headers = new Headers(request.headers)
    if (remoteAddress !== undefined) {
      const forwarded = headers.get("x-forwarded-for")
      headers.set("x-forwarded-for", forwarded === null ? remoteAddress : `${forwarded}, ${remoteAddress}`)
    }
    const body = request.body === null ? null : await request.arrayBuffer()
    return fetch(`${url}${pathname}${search}`, { method: request.method, headers, body })
  }
