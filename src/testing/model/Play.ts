import { Cause, Clock, Effect, Exit, Option, References } from "effect"
import { ask, type Command } from "./Command.ts"
import { finalState } from "./FinalState.ts"
import type { ModelShop } from "./ModelShop.ts"
import { plain } from "./Naming.ts"
import { stoppedAt } from "./StoppedClock.ts"
import { newWorld, type World } from "./World.ts"

/** Response of a shop: a result, a refusal, or a defect. Ids are replaced by names. */
export type Answer =
  | { readonly answered: unknown }
  | { readonly refused: unknown }
  | { readonly broken: string }

/** A request in words, and its response. */
export interface Exchange {
  readonly asked: string
  readonly answer: Answer
}

/** Start of every sequence. The clock of a real shop never reaches it. */
const opening = Date.UTC(2040, 0, 1)

const answerOf = (work: Effect.Effect<unknown, unknown, ModelShop>, world: World) =>
  Effect.flatMap(Effect.exit(work), (exit): Effect.Effect<Answer> => {
    if (Exit.isSuccess(exit)) return Effect.succeed({ answered: plain(exit.value, world) })
    if (Cause.hasInterrupts(exit.cause)) return Effect.interrupt
    const refusal = Cause.findErrorOption(exit.cause)
    return Effect.succeed(
      Option.isSome(refusal) ? { refused: plain(refusal.value, world) } : { broken: Cause.pretty(exit.cause) }
    )
  })

/** Describes a command in words. */
export const describe = (command: Command): string => {
  const input = Object.entries(command.with)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  return input.length === 0 ? command.do : `${command.do} { ${input.join(", ")} }`
}

/**
 * Plays a sequence of commands on the shop in the context, one per second of a stopped clock, and reads its final
 * state.
 */
export const play = (
  commands: ReadonlyArray<Command>
): Effect.Effect<ReadonlyArray<Exchange>, never, ModelShop> =>
  Effect.suspend(() => {
    const clock = stoppedAt(opening)
    const world = newWorld(clock)
    const exchange = (asked: string, work: Effect.Effect<unknown, unknown, ModelShop>) =>
      Effect.suspend(() => {
        clock.putForward(1000)
        return Effect.map(answerOf(work, world), (answer): Exchange => ({ asked, answer }))
      })
    return Effect.gen(function* () {
      const exchanges: Array<Exchange> = []
      for (const command of commands) exchanges.push(yield* exchange(describe(command), ask(command, world)))
      for (const [asked, work] of finalState(world)) exchanges.push(yield* exchange(asked, work))
      return exchanges
    }).pipe(
      Effect.provideService(Clock.Clock, clock),
      // The services log expected failures, such as a gateway timeout.
      Effect.provideService(References.MinimumLogLevel, "None")
    )
  })
