import type { Executor } from "../HostConnection.ts"
import type { HostParameter } from "../HostValues.ts"

/** The used part of a transaction of `Bun.SQL`, as `sql.begin` passes it. */
export interface BunSqlTransaction {
  unsafe(statement: string, parameters: Array<HostParameter>): PromiseLike<unknown>
  /** Only a transaction has this method. Statements of `sql` itself would run on arbitrary connections. */
  readonly savepoint: unknown
}

/** Bun names its own errors in `code`, and has the SQLSTATE in `errno`. */
const driverError = (error: unknown): unknown => {
  const { code, constraint, errno } = Object(error)
  if (!(error instanceof Error) || typeof code !== "string") return error
  if (typeof errno === "string")
    return Object.assign(new Error(error.message, { cause: error }), { code: errno, constraint })
  return code.includes("CONNECTION")
    ? Object.assign(new Error(error.message, { cause: error }), { code: "CONNECTION_CLOSED" })
    : error
}

/** Returns the executor of a transaction of `Bun.SQL` on PostgreSQL. */
export const fromBunSql =
  (transaction: BunSqlTransaction): Executor =>
  async (statement, parameters) => {
    try {
      return Array.from((await transaction.unsafe(statement, [...parameters])) as ReadonlyArray<object>)
    } catch (error) {
      throw driverError(error)
    }
  }
