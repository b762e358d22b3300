import { Effect, Option } from "effect"
import type { Account } from "../../domain/Account.ts"
import type { SessionId } from "../../domain/Id.ts"
import { InvalidRefreshToken, refresh } from "../../domain/Session.ts"
import type { SessionStore } from "../../ports/SessionStore.ts"
import { Database } from "./Database.ts"
import { type AccountRow, type Timestamp, toAccount, toDate } from "./Rows.ts"

interface RefreshRow extends AccountRow {
  readonly session_id: SessionId
  readonly expires_at: Timestamp
  readonly ended_at: Timestamp | null
  readonly used: boolean
  readonly disabled: boolean
}

/** Exchanges a refresh token under a lock on it and on its session. A session that ends has ended, though this fails. */
export const refreshSession = Effect.gen(function* () {
  const { sql, table, transaction } = yield* Database

  const exchange: SessionStore["Service"]["refresh"] = ({ from, to, at }) =>
    transaction(
      Effect.gen(function* () {
        const [row] = yield* sql<RefreshRow>`
          SELECT a.id, a.email, a.role, a.created_at, a.disabled_at IS NOT NULL AS disabled,
            s.id AS session_id, s.expires_at, s.ended_at, t.used_at IS NOT NULL AS used
          FROM ${table.refresh_tokens} t
          JOIN ${table.sessions} s ON s.id = t.session_id
          JOIN ${table.accounts} a ON a.id = s.account_id
          WHERE t.token_hash = ${from}
          FOR NO KEY UPDATE OF t, s`
        if (row === undefined) return Option.none()
        const { session_id: id, used, disabled } = row
        const endedAt = row.ended_at === null ? null : toDate(row.ended_at)
        const becomes = refresh({ expiresAt: toDate(row.expires_at), endedAt, used, disabled }, at)
        if (becomes === "ends") yield* sql`UPDATE ${table.sessions} SET ended_at = ${at} WHERE id = ${id}`
        if (becomes !== "goes on") return Option.none()
        yield* sql`UPDATE ${table.refresh_tokens} SET used_at = ${at} WHERE token_hash = ${from}`
        yield* sql`
          INSERT INTO ${table.refresh_tokens} (token_hash, session_id, created_at)
          VALUES (${to}, ${id}, ${at})`
        return Option.some(toAccount(row))
      })
    ).pipe(
      Effect.flatMap(
        Option.match({ onNone: () => new InvalidRefreshToken(), onSome: Effect.succeed<Account> })
      )
    )
  return exchange
})
