import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { read } from "../execution/Transaction.ts"

/** What keeps a statement from waiting, or running, and a transaction from being forgotten, without end. */
export const sessionLimits = {
  lock_timeout: "5s",
  statement_timeout: "60s",
  idle_in_transaction_session_timeout: "60s"
} as const

/** One of these limits. */
export type SessionLimit = keyof typeof sessionLimits

/** Limits that the sessions of this client do not have: nothing has set them. */
export const unlimited: Effect.Effect<
  ReadonlyArray<SessionLimit>,
  StoreUnavailable,
  SqlClient.SqlClient
> = SqlClient.SqlClient.use((sql) =>
  Effect.map(
    read(sql<{ name: SessionLimit }>`
        SELECT name FROM pg_settings
        WHERE name = ANY(${Object.keys(sessionLimits)}) AND setting = '0' ORDER BY name`),
    (rows) => rows.map(({ name }) => name)
  )
)
