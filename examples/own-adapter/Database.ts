import { DatabaseSync } from "node:sqlite"
import { Context, Effect, Layer, type Result } from "effect"
import { StoreUnavailable } from "effect-commerce/ports"

const tables = `
  CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, email TEXT NOT NULL, normalized_email TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
    created_at INTEGER NOT NULL, password_hash TEXT NOT NULL, disabled_at INTEGER,
    reset_token_hash TEXT UNIQUE, reset_expires_at INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS refresh_tokens (
    hash TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions, used INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  PRAGMA foreign_keys = ON;`

export class Database extends Context.Service<Database, DatabaseSync>()("host/Database") {
  /** The database in a file, or in memory (`:memory:`), closed with the layer. */
  static readonly layer = (file: string) =>
    Layer.effect(
      Database,
      Effect.acquireRelease(
        Effect.sync(() => {
          const database = new DatabaseSync(file)
          database.exec(tables)
          return database
        }),
        (database) => Effect.sync(() => database.close())
      )
    )
}

/**
 * One transaction. It is committed with a refusal too: a refresh token that comes back is refused, and ends its session.
 * Whatever goes wrong is an outage, and undone.
 */
export const transaction = <A, E>(
  database: DatabaseSync,
  work: () => Result.Result<A, E>
): Effect.Effect<A, E | StoreUnavailable> =>
  Effect.suspend((): Effect.Effect<A, E | StoreUnavailable> => {
    try {
      database.exec("BEGIN IMMEDIATE")
      const result = work()
      database.exec("COMMIT")
      return Effect.fromResult(result)
    } catch (cause) {
      if (database.isTransaction) database.exec("ROLLBACK")
      return new StoreUnavailable({ outcome: "notApplied", cause })
    }
  })
