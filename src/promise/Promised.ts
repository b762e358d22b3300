import { Effect, Stream } from "effect"
import type { CallOptions, InFlightCalls } from "./InFlightCalls.ts"

type Answer<A> =
  A extends Effect.Effect<infer Value, infer _E, infer _R>
    ? Promise<Value>
    : A extends Stream.Stream<infer Value, infer _E, infer _R>
      ? AsyncIterable<Value>
      : never

/**
 * A service for hosts without Effect: every method answers with a promise, or with an async iterable where it would
 * be a stream, and takes `{ signal }` as its last argument. A promise rejects with the very error of the domain.
 */
export type Promised<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...args: infer Args) => infer A
    ? (...args: [...Args, call?: CallOptions]) => Answer<A>
    : (call?: CallOptions) => Answer<Service[Name]>
}

/** What a method of a service fails with. */
export type ErrorOf<Method> = Method extends (...args: infer _Args) => infer A
  ? ErrorOf<A>
  : Method extends
        | Effect.Effect<infer _Value, infer E, infer _R>
        | Stream.Stream<infer _Item, infer E, infer _R2>
    ? E
    : never

type Member = ((...args: ReadonlyArray<unknown>) => unknown) | Effect.Effect<unknown, unknown>

const signalOf = (argument: unknown): AbortSignal | undefined =>
  typeof argument === "object" &&
  argument !== null &&
  "signal" in argument &&
  argument.signal instanceof AbortSignal
    ? argument.signal
    : undefined

/** Inputs are read by their own names, so that the options behind them do no harm. */
const method =
  (member: Member, calls: InFlightCalls) =>
  (...args: ReadonlyArray<unknown>) => {
    const signal = signalOf(args.at(-1))
    const answer = Effect.isEffect(member) ? member : member(...args)
    return Stream.isStream(answer)
      ? calls.iterate(answer as Stream.Stream<unknown>, signal)
      : calls.run(answer as Effect.Effect<unknown>, signal)
  }

/** Makes promises of a service. */
export const promised = <Service extends object>(service: Service, calls: InFlightCalls): Promised<Service> =>
  Object.fromEntries(
    Object.entries(service).map(([name, member]) => [name, method(member as Member, calls)])
  ) as Promised<Service>
