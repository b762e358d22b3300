import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { defaultLimits, type ExecutionLimits } from "../execution/Limits.ts"
import { read } from "../execution/Transaction.ts"

/** A setting of PostgreSQL that bounds the sessions of this client. */
export type SessionLimit = "lock_timeout" | "statement_timeout" | "idle_in_transaction_session_timeout"

const duration = (millis: number) => (millis % 1000 === 0 ? `${millis / 1000}s` : `${millis}ms`)

/** The settings that keep a statement from waiting or running, and a transaction from staying open, without end. */
export const sessionSettings = (limits: ExecutionLimits): Record<SessionLimit, string> => ({
  lock_timeout: duration(limits.lockTimeout),
  statement_timeout: duration(limits.statementTimeout),
  idle_in_transaction_session_timeout: duration(limits.idleTransactionTimeout)
})

/** The same with the default limits, for a role whose sessions are made by a pooler. */
export const sessionLimits = sessionSettings(defaultLimits)

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
