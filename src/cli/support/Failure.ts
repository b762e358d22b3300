import { Console, Effect, Predicate, Schema } from "effect"

<<<<<<< HEAD
/** A failure of a command with a one-line message for its user. The process exits with code 1. */
=======
/** A command cannot do its work, for the reason in `line`. The process ends with exit code 1. */
>>>>>>> settings
export class Failure extends Schema.TaggedError<Failure>()("Failure", { line: Schema.String }) {
  override get message() {
    return this.line
  }
}

export const fail = (line: string) => Effect.fail(new Failure({ line }))

<<<<<<< HEAD
/** Returns the message of the innermost cause. It contains neither address nor password. */
=======
/** Returns the innermost reason of an error. It contains neither address nor password. */
>>>>>>> settings
export const reasonOf = (error: unknown): string => {
  let reason = error
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause
  return reason instanceof Error ? reason.message : String(reason)
}

<<<<<<< HEAD
/**
 * Returns whether the database refused a connection or an operation. That is a problem of configuration, not a
 * defect.
 */
=======
/** Whether the database refused a connection or a permission. That is a fault of its configuration, not a bug. */
>>>>>>> settings
const isDenied = (defect: unknown): boolean => {
  if (!Predicate.hasProperty(defect, "reason")) return false
  const { reason } = defect
  const isConnecting = Predicate.hasProperty(reason, "operation") && reason.operation === "connect"
  const cause = Predicate.hasProperty(reason, "cause") ? reason.cause : undefined
  return isConnecting || (Predicate.hasProperty(cause, "code") && cause.code === "42501")
}

const denied = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  Effect.catchDefect(command, (defect) =>
    isDenied(defect)
      ? fail(`DATABASE_URL: the database refused the operation:  ${reasonOf(defect)}`)
      : Effect.die(defect)
  )

<<<<<<< HEAD
/** Prints the message of a failure to standard error, and sets the exit code to 1. */
=======
/** Prints the line of a failure to standard error, and sets exit code 1. */
>>>>>>> settings
export const report = <A, E, R>(command: Effect.Effect<A, E | Failure, R>) =>
  Effect.catchIf(
    denied(command),
    (error): error is Failure => error instanceof Failure,
    ({ line }) =>
      Effect.andThen(
        Console.error(`effect-commerce: ${line}`),
        Effect.sync(() => {
          process.exitCode = 1
        })
      )
  )
