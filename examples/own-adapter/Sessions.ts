import { Effect, Layer, Result } from "effect"
import { Domain, InvalidCredentials, InvalidRefreshToken } from "effect-commerce"
import { SessionStore } from "effect-commerce/ports"
import { accountOf } from "./Accounts.ts"
import { Database, transaction } from "./Database.ts"

const timeOf = (millis: unknown) => (millis === null ? null : new Date(Number(millis)))

export const SqliteSessions = Layer.effect(
  SessionStore,
  Effect.map(Database, (database) => {
    const run = (sql: string, ...values: ReadonlyArray<string | number>) =>
      database.prepare(sql).run(...values)

    const endSession = (id: string, at: Date) =>
      run("UPDATE sessions SET ended_at = ? WHERE id = ? AND ended_at IS NULL", at.getTime(), id)

    const addToken = (hash: string, sessionId: string) =>
      run("INSERT INTO refresh_tokens (hash, session_id) VALUES (?, ?)", hash, sessionId)

    return SessionStore.of({
      open: ({ id, accountId, tokenHash, createdAt, expiresAt }, passwordHash) =>
        transaction(database, () => {
          const { changes } = run(
            `INSERT INTO sessions (id, account_id, created_at, expires_at)
             SELECT ?, id, ?, ? FROM accounts WHERE id = ? AND password_hash = ? AND disabled_at IS NULL`,
            ...[id, createdAt.getTime(), expiresAt.getTime(), accountId, passwordHash]
          )
          if (changes === 0) return Result.fail(new InvalidCredentials())
          addToken(tokenHash, id)
          return Result.void
        }),

      refresh: ({ from, to, at }) =>
        transaction(database, () => {
          const known = database
            .prepare(
              `SELECT session_id, used, expires_at, ended_at, accounts.* FROM refresh_tokens
               JOIN sessions ON sessions.id = session_id JOIN accounts ON accounts.id = account_id WHERE hash = ?`
            )
            .get(from)
          if (known === undefined) return Result.fail(new InvalidRefreshToken())
          const sessionId = String(known.session_id)
          const facts = {
            expiresAt: new Date(Number(known.expires_at)),
            endedAt: timeOf(known.ended_at),
            used: known.used === 1,
            disabled: known.disabled_at !== null
          }
          const becomes = Domain.refresh(facts, at)
          if (becomes === "endSession") endSession(sessionId, at)
          if (becomes !== "rotate") return Result.fail(new InvalidRefreshToken())
          run("UPDATE refresh_tokens SET used = 1 WHERE hash = ?", from)
          addToken(to, sessionId)
          return Result.succeed(accountOf(known))
        }),

      end: (tokenHash, at) =>
        transaction(database, () => {
          const known = database
            .prepare("SELECT session_id FROM refresh_tokens WHERE hash = ?")
            .get(tokenHash)
          if (known !== undefined) endSession(String(known.session_id), at)
          return Result.void
        }),

      endAll: (accountId, at) =>
        transaction(database, () => {
          run(
            "UPDATE sessions SET ended_at = ? WHERE account_id = ? AND ended_at IS NULL",
            at.getTime(),
            accountId
          )
          return Result.void
        }),

      prune: (before, take) =>
        transaction(database, () => {
          const over = "SELECT id FROM sessions WHERE min(expires_at, coalesce(ended_at, expires_at)) < ?"
          const { changes } = run(
            `DELETE FROM refresh_tokens WHERE hash IN
               (SELECT hash FROM refresh_tokens WHERE session_id IN (${over}) LIMIT ?)`,
            before.getTime(),
            take
          )
          run(
            `DELETE FROM sessions WHERE id IN (${over}) AND id NOT IN (SELECT session_id FROM refresh_tokens)`,
            before.getTime()
          )
          return Result.succeed(Number(changes))
        })
    })
  })
)
