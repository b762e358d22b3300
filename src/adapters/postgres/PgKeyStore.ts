import { Effect, Layer } from "effect"
import { KeyStore } from "../../ports/KeyStore.ts"
import { Database } from "./Database.ts"

export const PgKeyStore = Layer.effect(
  KeyStore,
  Effect.map(Database, ({ sql, table, transaction }) =>
    KeyStore.of({
      prune: (before, take) =>
        Effect.map(
          transaction(sql`
            DELETE FROM ${table.idempotency_keys}
            WHERE (scope, operation, key) IN (
              SELECT scope, operation, key FROM ${table.idempotency_keys}
              WHERE created_at < ${before}
              ORDER BY scope, operation, key LIMIT ${take}
              FOR UPDATE SKIP LOCKED
            )
            RETURNING key`),
          (pruned) => pruned.length
        )
    })
  )
)
