import { Effect } from "effect"
import type { SessionStore } from "../../ports/SessionStore.ts"
import { Database } from "./Database.ts"

/** One sweep: tokens that somebody else works on are skipped; a session goes when it has no more of them. */
export const pruneSessions = Effect.map(Database, ({ sql, table, transaction }) => {
  const prune: SessionStore["Service"]["prune"] = (before, take) =>
    transaction(
      Effect.gen(function* () {
        const pruned = yield* sql`
          DELETE FROM ${table.refresh_tokens}
          WHERE token_hash IN (
            SELECT t.token_hash
            FROM ${table.sessions} s JOIN ${table.refresh_tokens} t ON t.session_id = s.id
            WHERE LEAST(s.expires_at, s.ended_at) < ${before}
            LIMIT ${take}
            FOR UPDATE OF t SKIP LOCKED
          )
          RETURNING token_hash`
        yield* sql`
          DELETE FROM ${table.sessions}
          WHERE id IN (
            SELECT s.id FROM ${table.sessions} s
            WHERE LEAST(s.expires_at, s.ended_at) < ${before}
              AND NOT EXISTS (SELECT FROM ${table.refresh_tokens} t WHERE t.session_id = s.id)
            LIMIT ${take}
            FOR UPDATE SKIP LOCKED
          )`
        return pruned.length
      })
    )
  return prune
})
