import { Console, Effect, Predicate, Runtime, Schema } from "effect"
import { reasonOf } from "../../ports/errors.ts"

/** A failure of a command with a one-line message for its user. The process exits with code 1. */
export class Failure extends Schema.TaggedError<Failure>()("Failure", { line: Schema.String }) {
  /** `report` prints the message, so that the runtime need not log the failure. */
  override readonly [Runtime.errorReported] = false

  override get message() {
    return this.line
  }
}

export const fail = (line: string) => Effect.fail(new Failure({ line }))

/**
 * Returns whether the database refused a connection or an operation. That is a problem of configuration, not a
 * defect.
 */
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

/** Prints the message of a failure to standard error. */
export const report = <A, E, R>(command: Effect.Effect<A, E | Failure, R>) =>
  Effect.tapError(denied(command), (error) =>
    error instanceof Failure ? Console.error(`effect-commerce: ${error.line}`) : Effect.void
  )
