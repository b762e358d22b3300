import { Arbitrary, Effect, Equal, Formatter, Layer, Random, Schema } from "effect"
import { type Command, commands } from "./Command.ts"
import type { ModelShop } from "./ModelShop.ts"
import { type Answer, describe, type Exchange, play } from "./Play.ts"

/** How many sequences agreed, of how many commands in all. */
export interface Agreement {
  readonly runs: number
  readonly commands: number
  readonly seed: string
}

/**
 * Two shops do not agree, or one of them breaks: the shortest sequence of commands found that shows it, what was asked
 * then, and both answers.
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
      "Two shops do not agree after",
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

/** No shop breaks, and every invariant holds whenever it is asked for. */
const isSound = ({ asked, answer }: Exchange): boolean =>
  !("broken" in answer) && (!asked.startsWith("whether") || Equal.equals(answer, nothingBroken))

const compare = (model: ReadonlyArray<Exchange>, real: ReadonlyArray<Exchange>): Difference | undefined => {
  for (const [index, expected] of model.entries()) {
    const actual = real[index] ?? { asked: expected.asked, answer: { broken: "It was never asked" } }
    if (!Equal.equals(expected, actual) || !isSound(expected) || !isSound(actual)) {
      return { asked: expected.asked, model: expected.answer, real: actual.answer }
    }
  }
  return undefined
}

/**
 * Plays random sequences of commands on a model and on a real shop, each on fresh ones, and compares every answer and
 * the final states. Each time that a layer is built it has to make a shop where nothing has happened; a shop that
 * cannot be built is a defect. A sequence that tells the two apart is made as short as can be.
 */
export const agree = <E, R>(options: {
  readonly model: Layer.Layer<ModelShop>
  readonly real: Layer.Layer<ModelShop, E, R>
  /** How many sequences to play; 100 if absent. */
  readonly runs?: number | undefined
  /** The same seed makes the same sequences; a new one if absent. */
  readonly seed?: string | undefined
  /** That of a `Disagreement`, to see it again and nothing else. */
  readonly replay?: string | undefined
}): Effect.Effect<Agreement, Disagreement, R> =>
  Effect.gen(function* () {
    const seed = options.seed ?? String(yield* Random.nextInt)
    const real = Layer.orDie(options.real)
    let played = 0
    let latest: Difference | undefined

    const tellsNoDifference = (sequence: ReadonlyArray<Command>) =>
      Effect.gen(function* () {
        const expected = yield* Effect.provide(play(sequence), options.model, { local: true })
        const actual = yield* Effect.provide(play(sequence), real, { local: true })
        const difference = compare(expected, actual)
        latest = difference ?? latest
        played += sequence.length
        return difference === undefined
      })

    /** Leaves out each command that it takes none of. */
    const shorten = Effect.fnUntraced(function* (sequence: ReadonlyArray<Command>) {
      let shortest = sequence
      for (const index of [...sequence.keys()].toReversed()) {
        const shorter = shortest.toSpliced(index, 1)
        if (!(yield* tellsNoDifference(shorter))) shortest = shorter
      }
      return shortest
    })

    const { runs = 100, replay } = options
    const check = { runs, seed, replay, size: 120, maxShrinks: 1000 }
    const result = yield* Arbitrary.checkEffect(commands, tellsNoDifference, check)
    switch (result._tag) {
      case "Passed":
        return { runs: result.runs, commands: played, seed }
      case "ReplayMismatch":
        if (result.reason === "PropertyPassed") return { runs: 1, commands: played, seed }
        return yield* Effect.die(new Error("This replay is of other sequences of commands than these"))
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
