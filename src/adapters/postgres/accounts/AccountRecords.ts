import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { Account, Role } from "../../../domain/accounts/Account.ts"
import type { AccountId } from "../../../domain/shared/Ids.ts"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { epochMillis, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { read } from "../execution/Transaction.ts"

export interface AccountRow {
  readonly id: AccountId
  readonly email: string
  readonly role: Role
  readonly created_at: Timestamp
  readonly disabled_at: Timestamp | null
}

/** The columns of an account. */
export const accountColumns = `id, email, role, ${epochMillis("created_at")}, ${epochMillis("disabled_at")}`

export const toAccount = (row: AccountRow): Account => ({
  id: row.id,
  email: row.email,
  role: row.role,
  createdAt: toDate(row.created_at),
  ...(row.disabled_at === null ? {} : { disabledAt: toDate(row.disabled_at) })
})

/** Ends all sessions of an account. Runs in the caller's transaction, so that both commit together. */
export const endSessions = Effect.map(
  Database,
  ({ sql, table }) =>
    (accountId: AccountId, at: Date): Effect.Effect<void, SqlError.SqlError> =>
      Effect.asVoid(sql`
        UPDATE ${table.sessions} SET ended_at = ${at}
        WHERE account_id = ${accountId} AND ended_at IS NULL`)
)

/** Returns the email address of the admin who was created first, if there is an admin. */
export const firstAdmin = (
  schema: string
): Effect.Effect<string | undefined, StoreUnavailable, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const accounts = sql(`${schema}.accounts`)
    const [row] = yield* read(
      sql<{
        email: string
      }>`SELECT email FROM ${accounts} WHERE role = 'admin' ORDER BY created_at, id LIMIT 1`
    )
    return row?.email
  })
