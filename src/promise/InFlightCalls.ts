import { Cause, type Context, Deferred, Effect, Exit, Stream } from "effect"
import { CommerceClosed } from "../services/CommerceError.ts"

/** The options of every call. */
export interface CallOptions {
  /**
   * Aborts the call: it rejects with the reason of the signal, and its transaction is rolled back. If the COMMIT was already sent,
   * the change may be committed; repeat the call with its idempotency key. A pending payment continues. Defaults to none.
   */
  readonly signal?: AbortSignal | undefined
}

/** Runs the calls of a host, and lets `close` wait for those that were accepted. */
export class InFlightCalls {
  readonly #context: Context.Context<never>
  readonly #parent: InFlightCalls | undefined
  readonly #open = new Set<Promise<unknown>>()
  readonly #closing = Deferred.makeUnsafe<void>()
  readonly #stop = new AbortController()
  /** Aborts when the calls are interrupted, or those that they are a part of. */
  readonly #stopped: AbortSignal
  #closed = false

  /** `parent`: calls that these are a part of, and end with. */
  constructor(context: Context.Context<never>, parent?: InFlightCalls) {
    this.#context = context
    this.#parent = parent
    const { signal } = this.#stop
    this.#stopped = parent === undefined ? signal : AbortSignal.any([signal, parent.#stopped])
  }

  get closed(): boolean {
    return this.#closed || this.#parent?.closed === true
  }

  get #closes(): Effect.Effect<void> {
    const closes = Deferred.await(this.#closing)
    return this.#parent === undefined ? closes : Effect.raceFirst(closes, this.#parent.#closes)
  }

  /** Rejects with `CommerceClosed` once it is closed. Counts the call as in flight until it ends. */
  accept<A>(call: () => Promise<A>): Promise<A> {
    if (this.closed) return Promise.reject(new CommerceClosed())
    const begun = this.#parent === undefined ? call() : this.#parent.accept(call)
    const answer: Promise<A> = begun.finally(() => this.#open.delete(answer))
    this.#open.add(answer)
    return answer
  }

  /** Rejects with the error or the defect of the effect itself, or with the reason of the signal. */
  run<A, E>(work: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> {
    return this.accept(async () => {
      signal?.throwIfAborted()
      const stop = this.#stopped
      const exit = await Effect.runPromiseExitWith(this.#context)(work, {
        signal: signal === undefined ? stop : AbortSignal.any([signal, stop])
      })
      if (Exit.isSuccess(exit)) return exit.value
      if (stop.aborted && Cause.hasInterruptsOnly(exit.cause)) throw new CommerceClosed()
      throw signal?.aborted && Cause.hasInterruptsOnly(exit.cause) ? signal.reason : Cause.squash(exit.cause)
    })
  }

  /** Iterates over a stream. Ends when the calls are closed. */
  iterate<A, E>(stream: Stream.Stream<A, E>, signal?: AbortSignal): AsyncIterable<A> {
    const events = stream.pipe(
      Stream.interruptWhen(this.#closes),
      Stream.interruptWhen(aborted(signal)),
      Stream.toAsyncIterableWith(this.#context)
    )
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = events[Symbol.asyncIterator]()
        const end = async () => (await iterator.return?.()) ?? { done: true, value: undefined }
        const opened = !this.closed
        // Events that are already read do not come after an abort, and a statement that is still running is not waited for.
        const next = async () => {
          if (signal === undefined) return iterator.next()
          const stopped = rejection(signal)
          try {
            return await Promise.race([stopped.promise, iterator.next()])
          } catch (error) {
            if (signal.aborted) void end().catch(() => undefined)
            throw error
          } finally {
            stopped.forget()
          }
        }
        return { next: () => (opened && this.closed ? end() : this.accept(next)), return: end }
      }
    }
  }

  /** Accepts no more calls, and waits until all that were accepted have ended. */
  async close(): Promise<void> {
    this.#closed = true
    Deferred.doneUnsafe(this.#closing, Exit.void)
    while (this.#open.size > 0) await Promise.allSettled(this.#open)
  }

  /** Ends the calls that are still open: they reject with `CommerceClosed`. */
  interrupt(): void {
    this.#stop.abort()
  }
}

/** Rejects with the reason of the signal once it is aborted. */
const rejection = (signal: AbortSignal) => {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener("abort", abort, { once: true })
  return { promise, forget: () => signal.removeEventListener("abort", abort) }
}

/** Fails with the reason of the signal once it is aborted. */
const aborted = (signal: AbortSignal | undefined): Effect.Effect<never, unknown> =>
  signal === undefined
    ? Effect.never
    : Effect.callback((resume) => {
        const abort = () => resume(Effect.fail(signal.reason))
        if (signal.aborted) return abort()
        signal.addEventListener("abort", abort, { once: true })
        return Effect.sync(() => signal.removeEventListener("abort", abort))
      })
