import { Arbitrary, Effect, Equal, Formatter, Layer, Random, Schema } from "effect"
import { type Command, commandsAbout } from "./Command.ts"
import type { ModelShop } from "./ModelShop.ts"
import { type Answer, describe, type Exchange, play } from "./Play.ts"

/** Number of sequences that agreed, and of commands in them. */
export interface Agreement {
  readonly runs: number
  readonly commands: number
  readonly seed: string
}

/**
 * Two shops disagree, or one of them breaks. Contains the shortest sequence found that shows it, the last request,
 * and both responses.
 */
export class Disagreement extends Schema.TaggedError<Disagreement>()("Disagreement", {
  commands: Schema.Array(Schema.Unknown),
  asked: Schema.String,
  model: Schema.Unknown,
  real: Schema.Unknown,
  seed: Schema.String,
  replay: Schema.String
}) {
  override get message() {
    const lines = (this.commands as ReadonlyArray<Command>).map((one, at) => `  ${at + 1}. ${describe(one)}`)
    const [model, real] = [this.model, this.real].map((answer) => Formatter.format(answer, { space: 2 }))
    return [
      "Two shops disagree after",
      ...lines,
      `asked: ${this.asked}`,
      `model: ${model}`,
      `real: ${real}`,
      `seed: ${this.seed}`,
      `replay: ${this.replay}`
    ].join("\n")
  }
}

interface Difference {
  readonly asked: string
  readonly model: Answer
  readonly real: Answer
}

const nothingBroken: Answer = { answered: { ok: true, violations: [] } }

/** Returns whether a response is no defect, and no invariant is violated. */
const isSound = ({ asked, answer }: Exchange): boolean =>
  !("broken" in answer) && (!asked.startsWith("whether") || Equal.equals(answer, nothingBroken))

const compare = (model: ReadonlyArray<Exchange>, real: ReadonlyArray<Exchange>): Difference | undefined => {
  for (const [index, expected] of model.entries()) {
    const actual = real[index] ?? { asked: expected.asked, answer: { broken: "The request was not sent" } }
    if (!Equal.equals(expected, actual) || !isSound(expected) || !isSound(actual)) {
      return { asked: expected.asked, model: expected.answer, real: actual.answer }
    }
  }
  return undefined
}

/**
 * Plays random sequences of commands on a model and on a real shop, and compares all responses and the final
 * states. Fails with `Disagreement`.
 *
 * Every sequence starts on new layers, which must contain no data. A shop that cannot be built is a defect. A
 * sequence that shows a difference is shrunk.
 */
export const agree = <E, R>(options: {
  readonly model: Layer.Layer<ModelShop>
  readonly real: Layer.Layer<ModelShop, E, R>
  /**
   * What the sequences are about: `shop` for all but what moves money after a charge, `money` for captures, voids, refunds and chargebacks,
   * or `everything`. Defaults to `everything`.
   */
  readonly about?: keyof typeof commandsAbout | undefined
  /** Number of sequences. Defaults to 100. */
  readonly runs?: number | undefined
  /** Seed of the sequences. Defaults to a random seed. */
  readonly seed?: string | undefined
  /** Value `replay` of a `Disagreement`, to run only that sequence. Defaults to none. */
  readonly replay?: string | undefined
}): Effect.Effect<Agreement, Disagreement, R> =>
  Effect.gen(function* () {
    const seed = options.seed ?? String(yield* Random.nextInt)
    const real = Layer.orDie(options.real)
    let played = 0
    let latest: Difference | undefined

    const playsEqually = (sequence: ReadonlyArray<Command>) =>
      Effect.gen(function* () {
        const expected = yield* Effect.provide(play(sequence), options.model, { local: true })
        const actual = yield* Effect.provide(play(sequence), real, { local: true })
        const difference = compare(expected, actual)
        latest = difference ?? latest
        played += sequence.length
        return difference === undefined
      })

    /** Removes every command that the difference does not need. */
    const shorten = Effect.fnUntraced(function* (sequence: ReadonlyArray<Command>) {
      let shortest = sequence
      for (const index of [...sequence.keys()].toReversed()) {
        const shorter = shortest.toSpliced(index, 1)
        if (!(yield* playsEqually(shorter))) shortest = shorter
      }
      return shortest
    })

    const { about = "everything", runs = 100, replay } = options
    const check = { runs, seed, replay, size: 120, maxShrinks: 1000 }
    const result = yield* Arbitrary.checkEffect(commandsAbout[about], playsEqually, check)
    switch (result._tag) {
      case "Passed":
        return { runs: result.runs, commands: played, seed }
      case "ReplayMismatch":
        if (result.reason === "PropertyPassed") return { runs: 1, commands: played, seed }
        return yield* Effect.die(new Error("The replay belongs to other sequences of commands"))
      case "Falsified": {
        const shortest = yield* shorten(result.shrunkInput)
        const { asked = "", model, real } = latest ?? {}
        return yield* new Disagreement({
          commands: shortest,
          asked,
          model,
          real,
          seed,
          replay: result.replay
        })
      }
      case "Exhausted":
        return yield* Effect.die(new Error(Arbitrary.formatCheckFailure(result)))
    }
  })
