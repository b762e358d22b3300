import { Array as Arr, Effect, Layer, Option } from "effect"
import { type Account, InvalidCredentials } from "../../../domain/accounts/Account.ts"
import { InvalidRefreshToken, refresh } from "../../../domain/accounts/Session.ts"
import type { SessionId } from "../../../domain/shared/Ids.ts"
import { SessionStore } from "../../../ports/SessionStore.ts"
import { epochMillis, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { type AccountRow, endSessions, toAccount } from "./AccountRecords.ts"

interface RefreshRow extends AccountRow {
  readonly session_id: SessionId
  readonly expires_at: Timestamp
  readonly ended_at: Timestamp | null
  readonly used: boolean
}

/**
 * Exchanges a refresh token under a lock on the token and its session. The transaction commits also if the domain
 * ends the session; the refusal is raised afterwards.
 */
export const refreshSession = Effect.gen(function* () {
  const { sql, table, transaction } = yield* Database

  const exchange: SessionStore["Service"]["refresh"] = ({ from, to, at }) =>
    transaction(
      Effect.gen(function* () {
        const [row] = yield* sql<RefreshRow>`
          SELECT a.id, a.email, a.role, s.id AS session_id, t.used_at IS NOT NULL AS used,
            ${sql.literal(["a.created_at", "a.disabled_at", "s.expires_at", "s.ended_at"].map((one) => epochMillis(one)).join())}
          FROM ${table.refresh_tokens} t
          JOIN ${table.sessions} s ON s.id = t.session_id
          JOIN ${table.accounts} a ON a.id = s.account_id
          WHERE t.token_hash = ${from}
          FOR NO KEY UPDATE OF t, s`
        if (row === undefined) return Option.none()
        const { session_id: id, used } = row
        const disabled = row.disabled_at !== null
        const endedAt = row.ended_at === null ? null : toDate(row.ended_at)
        const decision = refresh({ expiresAt: toDate(row.expires_at), endedAt, used, disabled }, at)
        if (decision === "endSession")
          yield* sql`UPDATE ${table.sessions} SET ended_at = ${at} WHERE id = ${id}`
        if (decision !== "rotate") return Option.none()
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

/**
 * Deletes expired tokens in one sweep. Rows that other transactions have locked are skipped. A session is deleted
 * when it has no tokens left.
 */
export const pruneSessions = Effect.map(Database, ({ sql, table, transaction, relative }) => {
  const prune: SessionStore["Service"]["prune"] = (before, take, at) =>
    transaction(
      Effect.gen(function* () {
        const pruned = yield* sql`
          WITH old AS MATERIALIZED (
            SELECT t.token_hash
            FROM ${table.sessions} s JOIN ${table.refresh_tokens} t ON t.session_id = s.id
            WHERE LEAST(s.expires_at, s.ended_at) < ${relative(before, at)}
            LIMIT ${take}
            FOR UPDATE OF t SKIP LOCKED
          )
          DELETE FROM ${table.refresh_tokens} t USING old WHERE t.token_hash = old.token_hash
          RETURNING t.token_hash`
        yield* sql`
          WITH old AS MATERIALIZED (
            SELECT s.id FROM ${table.sessions} s
            WHERE LEAST(s.expires_at, s.ended_at) < ${relative(before, at)}
              AND NOT EXISTS (SELECT FROM ${table.refresh_tokens} t WHERE t.session_id = s.id)
            LIMIT ${take}
            FOR UPDATE SKIP LOCKED
          )
          DELETE FROM ${table.sessions} s USING old WHERE s.id = old.id`
        return pruned.length
      })
    )
  return prune
})

export const PgSessionStore = Layer.effect(
  SessionStore,
  Effect.gen(function* () {
    const { sql, table, transaction } = yield* Database
    const endAll = yield* endSessions

    return SessionStore.of({
      // The share lock on the account orders this insert and a concurrent change of the password: one of them sees
      // the other.
      open: ({ id, accountId, tokenHash, createdAt, expiresAt }, passwordHash) =>
        transaction(
          Effect.gen(function* () {
            const opened = yield* sql`
              INSERT INTO ${table.sessions} (id, account_id, created_at, expires_at)
              SELECT ${id}::uuid, a.id, ${createdAt}::timestamptz, ${expiresAt}::timestamptz
              FROM ${table.accounts} a
              WHERE a.id = ${accountId} AND a.password_hash = ${passwordHash} AND a.disabled_at IS NULL
              FOR SHARE
              RETURNING id`
            if (!Arr.isReadonlyArrayNonEmpty(opened)) return yield* new InvalidCredentials()
            yield* sql`
              INSERT INTO ${table.refresh_tokens} (token_hash, session_id, created_at)
              VALUES (${tokenHash}, ${id}, ${createdAt})`
          })
        ),

      refresh: yield* refreshSession,

      end: (tokenHash, at) =>
        transaction(
          Effect.asVoid(sql`
            UPDATE ${table.sessions} SET ended_at = ${at}
            WHERE ended_at IS NULL AND id = (
              SELECT session_id FROM ${table.refresh_tokens} WHERE token_hash = ${tokenHash}
            )`)
        ),

      endAll: (accountId, at) => transaction(endAll(accountId, at)),

      prune: yield* pruneSessions
    })
  })
)
