import { Console, Effect, Schema } from "effect"

/** Why a command cannot do its work, in one line that a person can act on. The process ends with exit code 1. */
export class Failure extends Schema.TaggedError<Failure>()("Failure", { line: Schema.String }) {
  override get message() {
    return this.line
  }
}

export const fail = (line: string) => Effect.fail(new Failure({ line }))

/** Prints the line of a failure to standard error, and makes the process end with 1. */
export const report = <A, E, R>(command: Effect.Effect<A, E | Failure, R>) =>
  Effect.catchIf(
    command,
    (error): error is Failure => error instanceof Failure,
    ({ line }) =>
      Effect.andThen(
        Console.error(`effect-commerce: ${line}`),
        Effect.sync(() => {
          process.exitCode = 1
        })
      )
  )
