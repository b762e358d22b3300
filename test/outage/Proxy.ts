/** A network between a client and PostgreSQL that loses what a test wants it to lose. */
import { createConnection, createServer, type Socket } from "node:net"
import { Effect, Redacted, type Scope } from "effect"

/**
 * What happens to a COMMIT. It arrives; its answer is lost, or it is lost itself, and the connection ends; it arrives, or
 * does not arrive, and its connection is silent from then on; or it arrives and the whole network is silent from then on.
 */
export type Fate =
  | "arrives"
  | "answer is lost"
  | "is lost"
  | "is followed by silence"
  | "is frozen"
  | "meets silence"

export interface Proxy {
  readonly url: Redacted.Redacted
  /** What becomes of each COMMIT from now on, for as many as there are; then all arrive. */
  readonly fates: (...fates: ReadonlyArray<Fate>) => void
  /** What becomes of every COMMIT from now on. */
  readonly always: (fate: Fate) => void
  /** COMMITs that were sent. */
  readonly commits: () => number
  /** Nothing passes any more, and nobody is told. */
  readonly freeze: () => void
  readonly thaw: () => void
  /** What is connected is silent for good, and nobody is told; new connections work. */
  readonly forget: () => void
  /** Ends all connections. */
  readonly cut: () => void
  /** Ends all connections, and takes no new one. */
  readonly close: () => void
  readonly open: () => void
}

const commits = /^\s*(COMMIT\s*$|WITH[^;]*lock_timeout[^;]*INSERT INTO)/i

/**
 * Calls back for each COMMIT among what a client sends (chapter 55.7 of the PostgreSQL documentation): as a query, or
 * as an execution of a statement that was prepared before. A statement that writes outside of a transaction is one too;
 * of ours it is the one that sets for how long it waits.
 */
const watchFor = (onCommit: () => void) => {
  let pending = Buffer.alloc(0)
  let started = false
  const prepared = new Map<string, string>()
  const strings = (body: Buffer) => body.toString("latin1").split("\0")
  const read = (type: string, body: Buffer) => {
    const [first = "", second = ""] = strings(body)
    if (type === "P") prepared.set(first, second)
    const query = type === "Q" ? first : type === "B" ? prepared.get(second) : undefined
    if (query !== undefined && commits.test(query)) onCommit()
  }
  return (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    for (;;) {
      const header = started ? 1 : 0
      if (pending.length < header + 4) return
      const end = header + pending.readUInt32BE(header)
      if (pending.length < end) return
      if (started) read(String.fromCharCode(pending[0] ?? 0), pending.subarray(5, end))
      started = true
      pending = pending.subarray(end)
    }
  }
}

export const proxyTo = (url: Redacted.Redacted): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.gen(function* () {
    const location = new URL(Redacted.value(url))
    const target = { host: location.hostname, port: Number(location.port) }
    const open = new Set<Socket>()
    const forgotten = new Set<Socket>()
    let next: Array<Fate> = []
    let otherwise: Fate = "arrives"
    let commits = 0
    let frozen = false
    let closed = false

    const freeze = () => {
      frozen = true
      for (const socket of open) socket.pause()
    }

    const cut = () => {
      for (const socket of open) socket.destroy()
    }

    const both = (...sockets: ReadonlyArray<Socket>) => {
      for (const socket of sockets) {
        open.add(socket)
        socket.setNoDelay(true)
        socket.on("error", () => {})
        socket.once("close", () => {
          open.delete(socket)
          for (const other of sockets) if (!forgotten.has(other)) other.destroy()
        })
        if (frozen) socket.pause()
      }
    }

    const server = createServer((client) => {
      if (closed) return void client.destroy()
      const database = createConnection(target)
      both(client, database)
      let fate: Fate = "arrives"
      const watch = watchFor(() => {
        commits += 1
        fate = next.shift() ?? otherwise
      })
      client.on("data", (chunk) => {
        watch(Buffer.from(chunk))
        if (fate === "is frozen" || fate === "is followed by silence") forgotten.add(database)
        if (fate === "is frozen") return
        if (fate === "is lost") client.destroy()
        else database.write(chunk)
        if (fate !== "meets silence") return
        fate = "arrives"
        freeze()
      })
      database.on("data", (chunk) => {
        if (fate === "answer is lost") client.destroy()
        else if (fate !== "is followed by silence") client.write(chunk)
      })
    })
    yield* Effect.acquireRelease(
      Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()))),
      () =>
        Effect.sync(() => {
          server.close()
          for (const socket of [...open, ...forgotten]) socket.destroy()
        })
    )
    const address = server.address()
    location.port = String(typeof address === "object" ? address?.port : 0)
    return {
      url: Redacted.make(location.href),
      fates: (...fates) => {
        next = [...fates]
        otherwise = "arrives"
      },
      always: (fate) => {
        next = []
        otherwise = fate
      },
      commits: () => commits,
      freeze,
      thaw: () => {
        frozen = false
        for (const socket of open) socket.resume()
      },
      forget: () => {
        for (const socket of open) {
          socket.pause()
          forgotten.add(socket)
        }
        open.clear()
      },
      cut,
      close: () => {
        closed = true
        cut()
      },
      open: () => {
        closed = false
      }
    }
  })
