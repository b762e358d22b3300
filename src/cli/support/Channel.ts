/** Questions and answers between a primary and its workers, over the channel that Node opens to a process it has started. */
import { type Duration, Effect, type Option, Predicate } from "effect"
import type { Counted } from "../../http/security/RateLimit.ts"
import type { Start } from "./StartupBanner.ts"

/** An attempt to count. The time in which a token comes back is in milliseconds. */
export interface Attempt {
  readonly what: Counted
  /** The name of the shop that counts, if it is one of many. */
  readonly shop: string | undefined
  readonly key: string
  readonly tokens: number
  readonly refill: number
  readonly limit: number | undefined
}

/** What a worker asks its primary: the question, and the answer. */
export type OfWorker = {
  /** Tells that the worker listens. */
  readonly ready: readonly [Start, null]
  /** Counts an attempt for all workers. Answers with the count, and the milliseconds until it is forgotten. */
  readonly count: readonly [Attempt, readonly [count: number, ttl: number]]
  /** Asks for the metrics of all workers. */
  readonly metrics: readonly [null, string]
}

/** What a primary asks a worker. */
export type OfPrimary = {
  /** Asks for the metrics of this worker. */
  readonly measure: readonly [null, string]
  /** Lets the worker answer what it has accepted, and end. */
  readonly retire: readonly [null, null]
}

type Protocol = OfWorker | OfPrimary

/** Answers each kind of question. */
export type Answers<P extends Protocol> = {
  readonly [Kind in keyof P]: P[Kind] extends readonly [infer Question, infer Answer]
    ? (question: Question) => Effect.Effect<Answer>
    : never
}

/** Asks one kind of question. Returns none if there is no answer in time. */
export type Ask<P extends Protocol> = <Kind extends keyof P & string>(
  kind: Kind,
  question: P[Kind] extends readonly [infer Question, unknown] ? Question : never
) => Effect.Effect<Option.Option<P[Kind] extends readonly [unknown, infer Answer] ? Answer : never>>

/** A process at the other end. */
interface Peer {
  readonly send: (message: Message) => void
  readonly onMessage: (listener: (message: unknown) => void) => void
}

type Message =
  | { readonly id: number; readonly kind: string; readonly question: unknown }
  | { readonly id: number; readonly answer: unknown }

/** Node's own messages do not arrive here. */
const isMessage = (message: unknown): message is Message => Predicate.hasProperty(message, "id")

/** Answers the questions of a peer, and returns what asks it. `patience` is the time for an answer. */
export const openChannel = Effect.fnUntraced(function* <Own extends Protocol, Theirs extends Protocol>(
  peer: Peer,
  patience: Duration.Input,
  answers: Answers<Theirs>
) {
  const context = yield* Effect.context<never>()
  const unanswered = new Map<number, (answer: unknown) => void>()
  let last = 0

  peer.onMessage((message) => {
    if (!isMessage(message)) return
    if ("answer" in message) return unanswered.get(message.id)?.(message.answer)
    const answer = answers[message.kind as keyof Theirs] as
      | ((question: unknown) => Effect.Effect<unknown>)
      | undefined
    // A worker may be of a later version than its primary, whose files were replaced. It gets no answer in time.
    if (answer === undefined) return
    Effect.runForkWith(context)(
      Effect.map(answer(message.question), (answer) => peer.send({ id: message.id, answer }))
    )
  })

  const ask = (kind: string, question: unknown) =>
    Effect.suspend(() => {
      const id = ++last
      return Effect.callback<unknown>((resume) => {
        unanswered.set(id, (answer) => resume(Effect.succeed(answer)))
        peer.send({ id, kind, question })
      }).pipe(Effect.timeoutOption(patience), Effect.ensuring(Effect.sync(() => unanswered.delete(id))))
    })
  return ask as Ask<Own>
})
