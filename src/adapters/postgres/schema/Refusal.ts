import { Cause, Effect } from "effect"
import { type SqlClient, SqlError } from "effect/sql"
import { DatabaseRefused, StoreUnavailable } from "../../../ports/errors.ts"
import { tableNames } from "../execution/Database.ts"
import { isConnectionRefused } from "../execution/RefusedConnection.ts"
import { sqlState } from "../execution/SqlErrors.ts"

/** SQLSTATE codes of objects that another program has made: a missing column, and a relation that exists. */
const isForeign = /^42(703|P07|809|804)$/

const messageOf = ({ reason }: SqlError.SqlError): string =>
  reason.cause instanceof Error ? reason.cause.message : (reason.message ?? "")

const refused = (error: SqlError.SqlError) => {
  const hint = isForeign.test(sqlState(error)) ? ". Another program uses this schema: choose another one" : ""
  return new DatabaseRefused({ reason: `${messageOf(error)}${hint}`, cause: error })
}

const refusalIn = (reason: Cause.Reason<unknown>): DatabaseRefused | undefined => {
  if (Cause.isDieReason(reason)) {
    const { defect } = reason
    return SqlError.isSqlError(defect) && sqlState(defect) !== "" ? refused(defect) : undefined
  }
  const error = Cause.isFailReason(reason) ? reason.error : undefined
  return error instanceof StoreUnavailable && isConnectionRefused(error.cause)
    ? refused(error.cause)
    : undefined
}

/**
 * Turns what PostgreSQL refuses while a database is opened into `DatabaseRefused`: no statement of an opening fails because of
 * a bug only. Outages stay as they are.
 */
export const orRefused = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E | DatabaseRefused, R> =>
  Effect.catchCause(work, (cause): Effect.Effect<never, E | DatabaseRefused> => {
    const refusal = cause.reasons.map(refusalIn).find((found) => found !== undefined)
    return refusal === undefined ? Effect.failCause(cause) : Effect.fail(refusal)
  })

const refuse = (reason: string) => new DatabaseRefused({ reason, cause: new Error(reason) })

/** Refuses a database that cannot store all texts. */
export const requireUtf8 = (sql: SqlClient.SqlClient) =>
  Effect.flatMap(sql<{ encoding: string }>`SELECT current_setting('server_encoding') AS encoding`, ([row]) =>
    row?.encoding === "UTF8"
      ? Effect.void
      : refuse(
          `The encoding of the database is ${row?.encoding}, which does not have all characters. Create it with ENCODING 'UTF8'`
        )
  )

const privileges = { reading: ["SELECT"], writing: ["SELECT", "INSERT", "UPDATE", "DELETE"] } as const

/** Refuses a user without the privileges on our tables, before a request fails because of that. */
export const requirePrivileges = (sql: SqlClient.SqlClient, schema: string, use: keyof typeof privileges) => {
  const needed = privileges[use]
  const isAllowed = needed.map((one) => `has_table_privilege(c.oid, '${one}')`).join(" AND ")
  return Effect.flatMap(
    sql<{ user: string; denied: string | null }>`
      SELECT current_user::text AS user, (
        SELECT string_agg(c.relname::text, ', ' ORDER BY c.relname) FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(${`"${schema}"`}) AND c.relkind IN ('r', 'p')
          AND c.relname IN (${sql.literal(tableNames.map((name) => `'${name}'`).join())})
          AND NOT (${sql.literal(isAllowed)})
      ) AS denied`,
    ([row]) =>
      row?.denied == null
        ? Effect.void
        : refuse(
            `permission denied for ${row.denied}. Run: GRANT ${needed.join(", ")} ON ALL TABLES IN SCHEMA "${schema}" TO "${row.user}"`
          )
  )
}
