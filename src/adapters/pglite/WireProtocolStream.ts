import { Duplex } from "node:stream"
import { setImmediate } from "node:timers/promises"
import type { PGlite } from "@electric-sql/pglite"

/**
 * What of PostgreSQL's protocol has to be understood here, from chapter 55.7 "Message Formats"
 * (https://www.postgresql.org/docs/15/protocol-message-formats.html). A message is a type byte and an Int32 length
 * that counts itself and what follows. The first message of a connection has no type byte: a length, then an Int32
 * that is either the protocol version (StartupMessage) or a request code.
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

const isWholeFirst = (first: Buffer) =>
  first.length >= 2 * lengthSize && first.readUInt32BE() === first.length

const isCancelRequest = (first: Buffer) =>
  isWholeFirst(first) && first.readUInt32BE(lengthSize) === cancelRequestCode

const areWhole = (messages: Buffer) => {
  let end = 0
  while (end + 1 + lengthSize <= messages.length) end += 1 + messages.readUInt32BE(end + 1)
  return end === messages.length
}

type Engine = Pick<PGlite, "execProtocolRawStream">

/** `execProtocolRaw` would be shorter, but PGlite keeps every answer that passes through it for ever. */
const ask = async (engine: Engine, messages: Uint8Array): Promise<Buffer> => {
  const parts: Array<Buffer> = []
  await engine.execProtocolRawStream(messages, { onRawData: (part) => parts.push(Buffer.from(part)) })
  return Buffer.concat(parts)
}

/** The one session of PGlite; `free` settles when every stream that has asked for it is closed. */
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
    const [whole, last] = this.#connected
      ? [areWhole(chunk), chunk[0] === typeTerminate]
      : [isWholeFirst(chunk), isCancelRequest(chunk)]
    // PGlite would wait for the rest of a message without ever giving the event loop back.
    if (!whole) throw new Error("A message arrived in pieces")
    if (last) return void this.destroy()
    if (!this.#connected) await this.#connect()
    if (this.destroyed) return
    const answer = await ask(this.#session.engine, chunk)
    // All this is microtasks: a fiber that runs statement after statement would stop every timer and socket.
    await setImmediate()
    this.push(answer)
  }

  /** What the stream before left open, a transaction and prepared statements, would otherwise be this one's. */
  async #connect() {
    const { engine, free } = this.#session
    this.#session.free = Promise.all([free, this.#closed.promise])
    await free
    if (this.destroyed) return
    await ask(engine, queryMessage("ROLLBACK"))
    await ask(engine, queryMessage("DISCARD ALL"))
    this.#connected = true
  }
}

/**
 * Opens streams on which `PgClient` can speak to a PGlite in this process, as if each were a connection to a server.
 * PGlite has a single session, so a stream is answered when the streams before it are closed; use one at a time.
 * CancelRequest is ignored, because a statement holds the event loop to its end and cannot be cancelled. Closing a
 * stream leaves PGlite running.
 */
export const wireProtocolStreams = (engine: Engine): (() => Duplex) => {
  const session: Session = { engine, free: Promise.resolve() }
  return () => new SessionStream(session)
}
