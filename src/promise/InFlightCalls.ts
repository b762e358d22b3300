import { Cause, type Context, Deferred, Effect, Exit, Stream } from "effect"
import { CommerceClosed } from "../services/CommerceError.ts"

/** What every call takes as its last argument. */
export interface CallOptions {
  /**
   * Stops the call: it rejects with the signal's reason, and what was not committed is rolled back. A change of which
   * the commit was on its way may have been made, as an idempotency key can tell; a payment that was begun goes on.
   */
  readonly signal?: AbortSignal | undefined
}

/** Calls of a host in promises: each runs on its own, and `close` waits for those that were accepted. */
export class InFlightCalls {
  readonly #context: Context.Context<never>
  readonly #open = new Set<Promise<unknown>>()
  readonly #closing = Deferred.makeUnsafe<void>()
  #closed = false

  constructor(context: Context.Context<never>) {
    this.#context = context
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Refuses once it is closed; otherwise counts the call until it is answered. */
  accept<A>(call: () => Promise<A>): Promise<A> {
    if (this.#closed) return Promise.reject(new CommerceClosed())
    const answer: Promise<A> = call().finally(() => this.#open.delete(answer))
    this.#open.add(answer)
    return answer
  }

  /** Rejects with the refusal, the defect, or the reason of the signal: always with the very error. */
  run<A, E>(work: Effect.Effect<A, E>, signal?: AbortSignal): Promise<A> {
    return this.accept(async () => {
      signal?.throwIfAborted()
      const exit = await Effect.runPromiseExitWith(this.#context)(work, { signal })
      if (Exit.isSuccess(exit)) return exit.value
      throw signal?.aborted && Cause.hasInterruptsOnly(exit.cause) ? signal.reason : Cause.squash(exit.cause)
    })
  }

  /** Ends when the calls are closed. */
  iterate<A, E>(stream: Stream.Stream<A, E>, signal?: AbortSignal): AsyncIterable<A> {
    const events = stream.pipe(
      Stream.interruptWhen(Deferred.await(this.#closing)),
      Stream.interruptWhen(aborted(signal)),
      Stream.toAsyncIterableWith(this.#context)
    )
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = events[Symbol.asyncIterator]()
        const end = async () => (await iterator.return?.()) ?? { done: true, value: undefined }
        const opened = !this.#closed
        return {
          next: () => (opened && this.#closed ? end() : this.accept(() => iterator.next())),
          return: end
        }
      }
    }
  }

  /** Accepts no more calls, and waits for the answers to all that were accepted. */
  async close(): Promise<void> {
    this.#closed = true
    Deferred.doneUnsafe(this.#closing, Exit.void)
    while (this.#open.size > 0) await Promise.allSettled(this.#open)
  }
}

/** Fails with the reason of the signal, once it is given. */
const aborted = (signal: AbortSignal | undefined): Effect.Effect<never, unknown> =>
  signal === undefined
    ? Effect.never
    : Effect.callback((resume) => {
        const abort = () => resume(Effect.fail(signal.reason))
        if (signal.aborted) return abort()
        signal.addEventListener("abort", abort, { once: true })
        return Effect.sync(() => signal.removeEventListener("abort", abort))
      })
