import { SqlError } from "effect/sql"

/** Error of a failed statement in node-postgres, postgres.js and their wrappers. */
interface DriverError extends Error {
  readonly code?: unknown
  readonly constraint?: unknown
  readonly constraint_name?: unknown
}

/** A SQLSTATE contains a digit. Codes of system errors, such as "EPIPE", do not. */
const sqlState = /^(?=.*\d)[0-9A-Z]{5}$/

/** Finds the error of the server in the causes of an error, since query builders wrap it. */
const findServerError = (error: unknown): (DriverError & { readonly code: string }) | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code }: DriverError = error
  return typeof code === "string" && sqlState.test(code)
    ? Object.assign(error, { code })
    : findServerError(error.cause)
}

const reasonOf = (error: unknown): SqlError.SqlErrorReason => {
  const cause = findServerError(error)
  // Without a SQLSTATE the error is not from the server: the server was not reached, or its response was lost.
  if (cause === undefined) return new SqlError.ConnectionError({ cause: error, message: messageOf(error) })
  const { constraint = cause.constraint_name, message } = cause
  return cause.code === "23505"
    ? new SqlError.UniqueViolation({ cause, message, constraint: String(constraint) })
    : new SqlError.UnknownError({ cause, message })
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Converts the error of a host's driver to a `SqlError`, classified by SQLSTATE as for the own client. */
export const hostFailure = (error: unknown): SqlError.SqlError =>
  new SqlError.SqlError({ reason: reasonOf(error) })
