import { SqlError } from "effect/sql"

/** Error of a failed statement in node-postgres, postgres.js and their wrappers. */
interface DriverError extends Error {
  readonly code?: unknown
  readonly constraint?: unknown
  readonly constraint_name?: unknown
}

/** A SQLSTATE contains a digit. Codes of system errors, such as "EPIPE", do not. Those of Prisma begin with P1 to P6. */
const sqlState = /^(?!P[1-9])(?=.*\d)[0-9A-Z]{5}$/

/** Finds the error of the server in the causes of an error, since query builders wrap it. */
const findServerError = (error: unknown): (DriverError & { readonly code: string }) | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code }: DriverError = error
  return typeof code === "string" && sqlState.test(code)
    ? Object.assign(error, { code })
    : findServerError(error.cause)
}

/** Codes of the system (`ECONNRESET`) and of postgres.js (`CONNECTION_CLOSED`, `CONNECT_TIMEOUT`) for connections that are lost. */
const connectionCode = /^(E[A-Z]{3,}|CONNECT(ION)?_[A-Z_]+)$/

/** node-postgres and others give no code for a connection that is lost, or whose answer a host has not waited for. */
const connectionMessage = /\b(connection|socket|server closed|not queryable|query read timeout)\b/i

/** Whether the host has lost its connection. Errors of programming are none, whatever they say. */
const isConnectionLost = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  if (["TypeError", "RangeError", "ReferenceError", "SyntaxError"].includes(error.name)) return false
  const { code, message, cause }: DriverError = error
  if (typeof code === "string" && connectionCode.test(code)) return true
  return connectionMessage.test(message) || isConnectionLost(cause)
}

/** Whether the executor itself has failed: neither the server nor the connection. */
export const isHostFault = (error: unknown): boolean =>
  findServerError(error) === undefined && !isConnectionLost(error)

const reasonOf = (error: unknown): SqlError.SqlErrorReason => {
  const cause = findServerError(error)
  if (cause === undefined) {
    const failure = { cause: error, message: messageOf(error) }
    return isConnectionLost(error)
      ? new SqlError.ConnectionError(failure)
      : new SqlError.UnknownError(failure)
  }
  const { constraint = cause.constraint_name, message } = cause
  return cause.code === "23505"
    ? new SqlError.UniqueViolation({ cause, message, constraint: String(constraint) })
    : new SqlError.UnknownError({ cause, message })
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Converts the error of a host's driver to a `SqlError`, classified by SQLSTATE as for the own client. */
export const hostFailure = (error: unknown): SqlError.SqlError =>
  new SqlError.SqlError({ reason: reasonOf(error) })
