import { Duplex } from "node:stream"
import { setImmediate } from "node:timers/promises"
import type { PGlite } from "@electric-sql/pglite"

/**
 * The part of PostgreSQL's wire protocol that this stream parses, from chapter 55.7 "Message Formats"
 * (https://www.postgresql.org/docs/15/protocol-message-formats.html).
 *
 * A message is a type byte and an Int32 length that counts itself and the body. The first message of a connection
 * has no type byte. Its length is followed by an Int32: the protocol version (StartupMessage) or a request code.
 */
const typeQuery = "Q".charCodeAt(0)
const typeTerminate = "X".charCodeAt(0)
const lengthSize = 4
const cancelRequestCode = 80877102

const queryMessage = (text: string): Buffer => {
  const body = Buffer.from(`${text}\0`)
  const header = Buffer.alloc(1 + lengthSize)
  header.writeUInt8(typeQuery)
  header.writeUInt32BE(lengthSize + body.length, 1)
  return Buffer.concat([header, body])
}

const isCompleteStartup = (first: Buffer) =>
  first.length >= 2 * lengthSize && first.readUInt32BE() === first.length

const isCancelRequest = (first: Buffer) =>
  isCompleteStartup(first) && first.readUInt32BE(lengthSize) === cancelRequestCode

const areComplete = (messages: Buffer) => {
  let end = 0
  while (end + 1 + lengthSize <= messages.length) end += 1 + messages.readUInt32BE(end + 1)
  return end === messages.length
}

type Engine = Pick<PGlite, "execProtocolRawStream">

/** Streams the response. `execProtocolRaw` would leak memory: PGlite retains every response that it returns. */
const execute = async (engine: Engine, messages: Uint8Array): Promise<Buffer> => {
  const parts: Array<Buffer> = []
  await engine.execProtocolRawStream(messages, { onRawData: (part) => parts.push(Buffer.from(part)) })
  return Buffer.concat(parts)
}

/** The single session of PGlite. `free` settles when all streams that requested the session are closed. */
interface Session {
  readonly engine: Engine
  free: Promise<unknown>
}

class SessionStream extends Duplex {
  readonly #session: Session
  readonly #closed = Promise.withResolvers<void>()
  #connected = false

  constructor(session: Session) {
    super()
    this.#session = session
  }

  override _read() {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.#receive(chunk).then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void) {
    this.#closed.resolve()
    done(error)
  }

  async #receive(chunk: Buffer) {
    const [complete, last] = this.#connected
      ? [areComplete(chunk), chunk[0] === typeTerminate]
      : [isCompleteStartup(chunk), isCancelRequest(chunk)]
    // PGlite would wait for the rest of an incomplete message and block the event loop.
    if (!complete) throw new Error("A message arrived incomplete")
    if (last) return void this.destroy()
    if (!this.#connected) await this.#connect()
    if (this.destroyed) return
    const response = await execute(this.#session.engine, chunk)
    // Everything above runs in microtasks. Without a macrotask, a fiber that runs many statements would starve
    // timers and sockets.
    await setImmediate()
    this.push(response)
  }

  /**
   * Waits for the session, then resets it: open transactions and prepared statements of the previous stream must
   * not leak into this one.
   */
  async #connect() {
    const { engine, free } = this.#session
    this.#session.free = Promise.all([free, this.#closed.promise])
    await free
    if (this.destroyed) return
    await execute(engine, queryMessage("ROLLBACK"))
    await execute(engine, queryMessage("DISCARD ALL"))
    this.#connected = true
  }
}

/**
 * Returns a function that opens streams on which `PgClient` speaks to a PGlite in this process, as to a server.
 *
 * PGlite has a single session. A stream waits until all earlier streams are closed, so use one stream at a time.
 * CancelRequest is ignored, since a running statement blocks the event loop. Closing a stream leaves PGlite
 * running.
 */
export const wireProtocolStreams = (engine: Engine): (() => Duplex) => {
  const session: Session = { engine, free: Promise.resolve() }
  return () => new SessionStream(session)
}
