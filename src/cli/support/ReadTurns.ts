import type { IncomingMessage, ServerResponse } from "node:http"

interface TurnLimits {
  /** Reads that are handled at the same time; more wait in their order. */
  readonly reads: number
  /** A read that takes longer waits for something else, and is no longer counted. Milliseconds. */
  readonly readTime: number
}

/**
 * Whether a request waits for its turn: a read, whose answer may be large, and is made for `HEAD` too. Changes have small answers, and their
 * clients may send the body as slowly as they like. Probes of a supervisor must not wait under load: it would end the process. Readers of
 * the feed wait for events.
 */
export const takesTurns = ({ method, url = "" }: IncomingMessage) =>
  (method === "GET" || method === "HEAD") &&
  !/^[^?]*\/(health\/(live|ready)|metrics)(\?|$)|^[^?]*\/feed\?(.*&)?wait=/.test(url)

/** How often it is looked whether the next read can be handled, while some wait. */
const admissionInterval = 100
/**
 * Time for beginning reads in one turn of the event loop, in milliseconds. Some are answered at once, such as those that a limit refuses,
 * and a thousand of them would keep a probe waiting.
 */
const turnTime = 5

/**
 * Makes the function that handles reads in their turn. Many at once would take turns on the one thread, each with its memory, and none
 * would be answered in time. A client that leaves leaves the queue. `onEnd` learns of each answer when it is complete.
 */
export const readTurns = ({ reads, readTime }: TurnLimits, onEnd: (response: ServerResponse) => void) => {
  /** Reads that wait, and how to begin each. */
  const waiting = new Map<ServerResponse, () => void>()
  const handledUntil = new Map<ServerResponse, number>()
  let isAdmitting = false
  /** When the reads of this turn of the event loop must have begun. */
  let turnUntil: number | undefined

  const begin = (response: ServerResponse, handle: () => void) => {
    if (response.destroyed || response.req.socket.destroyed) return
    handledUntil.set(response, Date.now() + readTime)
    const finished = () => {
      if (handledUntil.delete(response)) admit()
    }
    response.once("close", finished)
    // Its event comes only once the client has read all answers before.
    const end = response.end.bind(response)
    response.end = ((...args: Parameters<typeof end>) => {
      const ended = end(...args)
      onEnd(response)
      finished()
      return ended
    }) as typeof response.end
    handle()
  }

  const admit = () => {
    if (handledUntil.size >= reads) {
      const now = Date.now()
      for (const [response, until] of handledUntil) if (until < now) handledUntil.delete(response)
    }
    while (handledUntil.size < reads) {
      const [first] = waiting
      if (first === undefined) return
      if (turnUntil === undefined) {
        turnUntil = performance.now() + turnTime
        setImmediate(nextTurn)
      } else if (performance.now() > turnUntil) return
      const [response, handle] = first
      waiting.delete(response)
      begin(response, handle)
    }
    if (isAdmitting || waiting.size === 0) return
    isAdmitting = true
    setTimeout(() => {
      isAdmitting = false
      admit()
    }, admissionInterval).unref()
  }

  const nextTurn = () => {
    turnUntil = undefined
    admit()
  }

  return (response: ServerResponse, handle: () => void): void => {
    waiting.set(response, handle)
    admit()
    if (waiting.has(response)) response.once("close", () => waiting.delete(response))
  }
}
