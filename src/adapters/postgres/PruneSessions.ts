import { Effect } from "effect"
import type { SessionStore } from "../../ports/SessionStore.ts"
import { Database } from "./Database.ts"

/** One sweep: tokens that somebody else works on are skipped; a session goes when it has no more of them. */
export const pruneSessions = Effect.map(Database, ({ sql, table, transaction }) => {
  const prune: SessionStore["Service"]["prune"] = (before, take) =>
    transaction(
      Effect.gen(function* () {
        const pruned = yield* sql`
          WITH old AS MATERIALIZED (
            SELECT t.token_hash
            FROM ${table.sessions} s JOIN ${table.refresh_tokens} t ON t.session_id = s.id
            WHERE LEAST(s.expires_at, s.ended_at) < ${before}
            LIMIT ${take}
            FOR UPDATE OF t SKIP LOCKED
          )
          DELETE FROM ${table.refresh_tokens} t USING old WHERE t.token_hash = old.token_hash
          RETURNING t.token_hash`
        yield* sql`
          WITH old AS MATERIALIZED (
            SELECT s.id FROM ${table.sessions} s
            WHERE LEAST(s.expires_at, s.ended_at) < ${before}
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
