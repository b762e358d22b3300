import { Array as Arr, Effect, Layer } from "effect"
import { InvalidCredentials } from "../../domain/Account.ts"
import { SessionStore } from "../../ports/SessionStore.ts"
import { Database } from "./Database.ts"
import { endSessions } from "./EndSessions.ts"
import { pruneSessions } from "./PruneSessions.ts"
import { refreshSession } from "./RefreshSession.ts"

export const PgSessionStore = Layer.effect(
  SessionStore,
  Effect.gen(function* () {
    const { sql, table, transaction } = yield* Database
    const endAll = yield* endSessions

    return SessionStore.of({
      // The lock on the account lets a change of its password see this session, or this session see the change.
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
            )`),
          true
        ),

      endAll: (accountId, at) => transaction(endAll(accountId, at), true),

      prune: yield* pruneSessions
    })
  })
)
