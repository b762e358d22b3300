import { SqlError } from "effect/sql"

/** What node-postgres, postgres.js and their wrappers say of a failed statement. */
interface DriverError extends Error {
  readonly code?: unknown
  readonly constraint?: unknown
  readonly constraint_name?: unknown
}

/** Unlike the codes of a system's errors ("EPIPE"), a SQLSTATE has a digit. */
const sqlState = /^(?=.*\d)[0-9A-Z]{5}$/

/** The server's own error, under whatever a query builder has wrapped it in. */
const fromServer = (error: unknown): (DriverError & { readonly code: string }) | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code }: DriverError = error
  return typeof code === "string" && sqlState.test(code)
    ? Object.assign(error, { code })
    : fromServer(error.cause)
}

const reasonOf = (error: unknown): SqlError.SqlErrorReason => {
  const cause = fromServer(error)
  // Without a SQLSTATE it is not the server that has refused: it was not reached, or its answer was lost.
  if (cause === undefined) return new SqlError.ConnectionError({ cause: error, message: messageOf(error) })
  const { constraint = cause.constraint_name, message } = cause
  return cause.code === "23505"
    ? new SqlError.UniqueViolation({ cause, message, constraint: String(constraint) })
    : new SqlError.UnknownError({ cause, message })
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** The failure of a statement on a host's connection, told apart by its SQLSTATE as for our own client. */
export const hostFailure = (error: unknown): SqlError.SqlError =>
  new SqlError.SqlError({ reason: reasonOf(error) })
