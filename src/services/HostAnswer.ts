import { Effect, Predicate } from "effect"

/** What a value is, for a message: never the value itself, which may be secret. */
const kindOf = (value: unknown): string => {
  if (value === null) return "null"
  if (Predicate.isPromiseLike(value)) return "a promise"
  return Array.isArray(value) ? "an array" : typeof value
}

/** A function that the host supplies has returned what its type forbids. This is a bug of the host. */
export class WrongAnswer extends TypeError {
  constructor(name: string, answer: unknown, expected: string) {
    super(`${name} returned ${kindOf(answer)}: expected ${expected}`)
    this.name = "WrongAnswer"
  }
}

/** Handles the rejection of a promise that no code awaits: it would end the process. */
export const ignoreRejection = (answer: unknown): void => {
  if (Predicate.isPromiseLike(answer)) answer.then(undefined, () => {})
}

/**
 * Returns the answer of a function of the host, or dies with `WrongAnswer`. JavaScript does not check types: a promise would
 * count as true.
 */
export const answerOf =
  <A>(name: string, expected: string, is: (value: unknown) => value is A) =>
  (answer: unknown): Effect.Effect<A> => {
    if (is(answer)) return Effect.succeed(answer)
    ignoreRejection(answer)
    return Effect.die(new WrongAnswer(name, answer, expected))
  }
