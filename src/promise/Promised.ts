import { Effect, Stream } from "effect"
import type { CallOptions, InFlightCalls } from "./InFlightCalls.ts"

type Answer<A> =
  A extends Effect.Effect<infer Value, infer _E, infer _R>
    ? Promise<Value>
    : A extends Stream.Stream<infer Value, infer _E, infer _R>
      ? AsyncIterable<Value>
      : never

/** The options of a change take the signal too; any other call takes it as its options. */
type WithSignal<Args extends ReadonlyArray<unknown>> = Required<Args>["length"] extends 2
  ? { [Index in keyof Args]: Index extends "1" ? Args[Index] & CallOptions : Args[Index] }
  : Required<Args>["length"] extends 3
    ? { [Index in keyof Args]: Index extends "2" ? Args[Index] & CallOptions : Args[Index] }
    : [...Args, options?: CallOptions]

/**
 * A service for hosts without Effect: a method returns a promise instead of an effect, or an async iterable instead of a
 * stream. The options of every method take a `signal` too. A promise rejects with the error of the effect itself.
 */
export type Promised<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...args: infer Args) => infer A
    ? (...args: WithSignal<Args>) => Answer<A>
    : (options?: CallOptions) => Answer<Service[Name]>
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

/** Takes the signal out of the options: services refuse an option that they do not know. */
const takeSignal = (options: unknown): readonly [options: unknown, signal?: AbortSignal | undefined] => {
  if (typeof options !== "object" || options === null || !("signal" in options)) return [options]
  const { signal, ...others } = options
  return signal === undefined || signal instanceof AbortSignal ? [others, signal] : [options]
}

const method =
  (member: Member, calls: InFlightCalls) =>
  (...args: ReadonlyArray<unknown>) => {
    // A second text, such as a stage, comes before the options.
    const inputs = Effect.isEffect(member) ? 0 : typeof args[1] === "string" ? 2 : 1
    const [options, signal] = takeSignal(args[inputs])
    const answer = Effect.isEffect(member) ? member : member(...args.slice(0, inputs), options)
    return Stream.isStream(answer)
      ? calls.iterate(answer as Stream.Stream<unknown>, signal)
      : calls.run(answer as Effect.Effect<unknown>, signal)
  }

/** Makes promises of a service. */
export const promised = <Service extends object>(service: Service, calls: InFlightCalls): Promised<Service> =>
  Object.fromEntries(
    Object.entries(service).map(([name, member]) => [name, method(member as Member, calls)])
  ) as Promised<Service>
