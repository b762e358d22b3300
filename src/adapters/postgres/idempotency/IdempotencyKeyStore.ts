import { Effect, Layer } from "effect"
import { IdempotencyKeyStore } from "../../../ports/IdempotencyKeyStore.ts"
import { Database } from "../execution/Database.ts"

export const PgIdempotencyKeyStore = Layer.effect(
  IdempotencyKeyStore,
  Effect.map(Database, ({ sql, table, transaction, relative }) =>
    IdempotencyKeyStore.of({
      prune: (before, take, at) =>
        Effect.map(
          transaction(sql`
            WITH old AS MATERIALIZED (
              SELECT scope, operation, key FROM ${table.idempotency_keys}
              WHERE created_at < ${relative(before, at)}
              ORDER BY scope, operation, key LIMIT ${take}
              FOR UPDATE SKIP LOCKED
            )
            DELETE FROM ${table.idempotency_keys} k USING old
            WHERE k.scope = old.scope AND k.operation = old.operation AND k.key = old.key
            RETURNING k.key`),
          (pruned) => pruned.length
        )
    })
  )
)
