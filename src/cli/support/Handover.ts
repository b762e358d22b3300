import type { ChildProcess } from "node:child_process"
import { Predicate } from "effect"

/** A connection on its way to a worker. Closing it again does nothing. */
interface Connection {
  readonly close: () => void
}

/** How Node's cluster gives a connection to a worker, which acknowledges its number. */
const isHandover = (message: unknown): message is { readonly seq: number } =>
  Predicate.hasProperty(message, "seq") && Predicate.hasProperty(message, "act") && message.act === "newconn"

const isConnection = (handle: unknown): handle is Connection =>
  Predicate.hasProperty(handle, "close") && typeof handle.close === "function"

/**
 * Closes the connections that a worker has been given and not taken when it ends. Node forgets them: they would stay open in the primary, and
 * their clients would wait without end.
 */
export const closeUntaken = (worker: ChildProcess): void => {
  const untaken = new Map<unknown, Connection>()
  const send = worker.send.bind(worker) as (...args: ReadonlyArray<unknown>) => boolean
  worker.send = (...args: ReadonlyArray<unknown>) => {
    const [message, handle] = args
    if (isHandover(message) && isConnection(handle)) untaken.set(message.seq, handle)
    return send(...args)
  }
  worker.on("internalMessage", (message: unknown) => {
    if (Predicate.hasProperty(message, "ack")) untaken.delete(message.ack)
  })
  worker.once("exit", () => {
    for (const connection of untaken.values()) connection.close()
    untaken.clear()
  })
}
