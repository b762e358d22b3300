import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { AccountId } from "../../../domain/shared/Ids.ts"
import { Database } from "../execution/Database.ts"

/** Ends all sessions of an account, in the transaction of what they are ended for. */
export const endSessions = Effect.map(
  Database,
  ({ sql, table }) =>
    (accountId: AccountId, at: Date): Effect.Effect<void, SqlError.SqlError> =>
      Effect.asVoid(sql`
        UPDATE ${table.sessions} SET ended_at = ${at}
        WHERE account_id = ${accountId} AND ended_at IS NULL`)
)
