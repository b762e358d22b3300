import { Effect, Predicate, Stream } from "effect"
import type { SqlConnection, SqlError } from "effect/sql"
import { hostFailure } from "../../host-transaction/HostErrors.ts"
import { type HostParameter, toParameter } from "../../host-transaction/HostValues.ts"
import { whileConnecting } from "../OpenConnection.ts"

/** The result of a statement, with the command that PostgreSQL has answered where the library tells it. */
export interface Answer {
  readonly rows: ReadonlyArray<object>
  readonly command?: string | undefined
}

/** Runs one statement on a connection of the host's pool. */
export type Run = (statement: string, parameters: ReadonlyArray<HostParameter>) => Promise<Answer>

/** Makes a connection of one that the host's pool has lent. `onInterrupt` is called when an answer is not awaited any more. */
export const connectionOf = (
  run: Run,
  classified: (error: unknown) => SqlError.SqlError = hostFailure,
  onInterrupt: () => void = () => {}
): SqlConnection.Connection => {
  const answer = (statement: string, parameters: ReadonlyArray<unknown>) =>
    Effect.onInterrupt(
      Effect.tryPromise({
        try: async () => run(statement, parameters.map(toParameter)),
        catch: classified
      }),
      () => Effect.sync(onInterrupt)
    )
  const execute: SqlConnection.Connection["execute"] = (statement, parameters, transform) =>
    Effect.map(answer(statement, parameters), ({ rows }) => transform?.(rows) ?? rows)
  const values = (statement: string, parameters: ReadonlyArray<unknown>) =>
    Effect.map(answer(statement, parameters), ({ rows }) =>
      rows.map((row): Array<unknown> => Object.values(row))
    )
  return {
    execute,
    executeUnprepared: execute,
    executeRaw: answer,
    executeValues: values,
    executeValuesUnprepared: values,
    executeStream: (statement, parameters, transform) =>
      Stream.fromIterableEffect(execute(statement, parameters, transform))
  }
}

/** What failed before a connection was lent: nothing was sent. */
export const notConnected = (error: unknown): SqlError.SqlError =>
  whileConnecting(error instanceof Error ? error.message : String(error), error)

/** SQLSTATE codes of a server that closes the connection, or that has become read-only. */
const isLeaving = /^(08...|25006|25P03|57P0[1-5])$/

/** Returns whether a connection is of no use after an error: it is lost, or its server is leaving. */
export const endsConnection = (error: SqlError.SqlError): boolean => {
  const { cause } = error.reason
  return (
    error.reason._tag === "ConnectionError" ||
    (typeof cause === "object" && cause !== null && "code" in cause && isLeaving.test(String(cause.code)))
  )
}

/** Returns whether the server has only refused a statement: an error that ends a connection is FATAL or PANIC. */
export const isRefusedStatement = ({ reason: { cause } }: SqlError.SqlError): boolean =>
  Predicate.hasProperty(cause, "severity") && cause.severity === "ERROR"

/** The failure of a statement on a connection that is lost. */
export const lostConnection = (): Error =>
  Object.assign(new Error("The connection is lost"), { code: "CONNECTION_CLOSED" })
