/** A name that points to one server, and later to another, as DNS does: connections that are open stay where they are. */
import { createConnection, createServer, type Socket } from "node:net"
import { Effect, Redacted, type Scope } from "effect"

export interface Name {
  readonly url: Redacted.Redacted
  readonly pointTo: (server: { readonly port: number }) => void
}

export const nameOf = Effect.fnUntraced(function* (first: {
  readonly port: number
}): Effect.fn.Return<Name, never, Scope.Scope> {
  const open = new Set<Socket>()
  let port = first.port
  const server = createServer((client) => {
    const database = createConnection({ host: "127.0.0.1", port })
    for (const [one, other] of [
      [client, database],
      [database, client]
    ] as const) {
      open.add(one)
      one.setNoDelay(true)
      one.pipe(other)
      one.on("error", () => {})
      one.once("close", () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))),
    () =>
      Effect.sync(() => {
        server.close()
        for (const socket of open) socket.destroy()
      })
  )
  const address = server.address()
  const own = typeof address === "object" ? address?.port : 0
  return {
    url: Redacted.make(`postgres://postgres@127.0.0.1:${own}/postgres`),
    pointTo: (server) => {
      port = server.port
    }
  }
})
