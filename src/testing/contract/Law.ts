import {
  Cause,
  Context,
  Data,
  Effect,
  Equal,
  Formatter,
  identity,
  Option,
  Random,
  type Result,
  Schema
} from "effect"
import type { Stores } from "../../ports/Stores.ts"

/** One property of every storage adapter. It makes its own data, so laws can share a store. */
export interface Law {
  readonly name: string
  readonly check: Effect.Effect<void, LawBroken, Stores>
}

/** Seed of the generated data. Defaults to a new random seed for each check. */
export const Seed = Context.Reference<string | undefined>("effect-commerce/testing/contract/Seed", {
  defaultValue: () => undefined
})

/** An adapter violates a law. Checking again with the same `Seed` on an empty store generates the same data. */
export class LawBroken extends Schema.TaggedError<LawBroken>()("LawBroken", {
  law: Schema.String,
  expected: Schema.Unknown,
  actual: Schema.Unknown,
  seed: Schema.String
}) {
  override get message() {
    const [expected, actual] = [this.expected, this.actual].map((value) =>
      typeof value === "string" ? value : Formatter.format(value, { space: 2 })
    )
    return `${this.law}\nexpected: ${expected}\nactual: ${actual}\nseed: ${this.seed}`
  }
}

export class Difference extends Data.TaggedError("Difference")<{
  readonly expected: unknown
  readonly actual: unknown
}> {}

/** Checks that two values are structurally equal. */
export const same = <A>(actual: A, expected: A): Effect.Effect<void, Difference> =>
  Equal.equals(actual, expected) ? Effect.void : new Difference({ expected, actual })

/** Checks that an effect fails with exactly this refusal. */
export const refused = <A, E, R>(
  work: Effect.Effect<A, E, R>,
  expected: NoInfer<E>
): Effect.Effect<void, Difference, R> =>
  Effect.matchEffect(work, {
    onSuccess: (actual) => new Difference({ expected, actual }),
    onFailure: (actual) => same(actual, expected)
  })

export const law = (name: string, body: Effect.Effect<unknown, unknown, Stores>): Law => ({
  name,
  check: Effect.gen(function* () {
    const seed = (yield* Seed) ?? String(yield* Random.nextInt)
    yield* Effect.catchCause(Random.withSeed(body, seed), (cause) => {
      if (Cause.hasInterrupts(cause)) return Effect.interrupt
      const broken = Option.getOrUndefined(Cause.findErrorOption(cause))
      const { expected, actual } =
        broken instanceof Difference ? broken : { expected: "no failure", actual: Cause.pretty(cause) }
      return new LawBroken({ law: name, expected, actual, seed })
    })
  })
})

/** Runs effects concurrently. Returns the failures and the results. */
export const concurrently = <A, E, R>(works: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.partition(works, identity, { concurrency: "unbounded" })

/** Checks that an effect ends as the domain decides. */
export const agrees = <A, E, R, E2>(
  work: Effect.Effect<A, E, R>,
  decision: Result.Result<NoInfer<A>, E2>
): Effect.Effect<void, Difference, R> =>
  Effect.flatMap(Effect.result(work), (result) => same<unknown>(result, decision))
