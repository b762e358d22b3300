import { connect } from "node:net"
import { Effect } from "effect"

export interface Answer {
  readonly status: number
  /** The status line and the headers. */
  readonly head: string
  readonly body: Buffer
}

interface Asking {
  readonly answered: (answer: Answer) => void
  readonly failed: (error: Error) => void
}

const endOfHead = "\r\n\r\n"

/** The answer, once all of it has come. */
const read = (received: Buffer): Answer | undefined => {
  const end = received.indexOf(endOfHead)
  if (end < 0) return undefined
  const head = received.toString("latin1", 0, end)
  const status = Number(head.slice(9, 12))
  // A 304 has no body (RFC 9112, 6.3).
  const length = status === 304 ? "0" : /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`An answer without Content-Length: ${head}`)
  const from = end + endOfHead.length
  const to = from + Number(length)
  return received.length < to ? undefined : { status, head, body: received.subarray(from, to) }
}

/**
 * A connection that is kept alive, for one request at a time. It understands just what our servers answer, and costs
 * a fraction of the CPU of `node:http`, since server and database share the cores with it.
 */
export const open = ({ hostname, port }: URL) => {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let asking: Asking | undefined
  let received: Buffer = Buffer.alloc(0)

  const fail = (error: Error) => {
    asking?.failed(error)
    asking = undefined
  }
  socket.on("error", fail)
  socket.on("close", () => fail(new Error("The server has closed the connection")))
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    try {
      const answer = read(received)
      if (answer === undefined) return
      received = Buffer.alloc(0)
      const { answered } = asking ?? {}
      asking = undefined
      answered?.(answer)
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined)
    }
  })

  return {
    ask: (request: string): Effect.Effect<Answer, Error> =>
      Effect.callback((resume) => {
        asking = {
          answered: (answer) => resume(Effect.succeed(answer)),
          failed: (error) => resume(Effect.fail(error))
        }
        socket.write(request)
      }),
    close: () => socket.destroy()
  }
}
