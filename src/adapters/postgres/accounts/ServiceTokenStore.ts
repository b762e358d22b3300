import { Array as Arr, Effect, Layer } from "effect"
import {
  type ServiceToken,
  ServiceTokenNameTaken,
  ServiceTokenNotFound
} from "../../../domain/accounts/ServiceToken.ts"
import type { ServiceTokenId } from "../../../domain/shared/Ids.ts"
import { normalizeKey } from "../../../domain/shared/Text.ts"
import { ServiceTokenStore } from "../../../ports/ServiceTokenStore.ts"
import { epochMillis, type Timestamp, toDate } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { sharedRows } from "../execution/SharedReads.ts"

interface ServiceTokenRow {
  readonly id: ServiceTokenId
  readonly name: string
  readonly created_at: Timestamp
  readonly created_by: string
}

const toServiceToken = (row: ServiceTokenRow): ServiceToken => ({
  id: row.id,
  name: row.name,
  createdAt: toDate(row.created_at),
  createdBy: row.created_by
})

export const PgServiceTokenStore = Layer.effect(
  ServiceTokenStore,
  Effect.gen(function* () {
    const { sql, table, query, transaction } = yield* Database
    const columns = sql.literal(`id, name, ${epochMillis("created_at")}, created_by`)

    return ServiceTokenStore.of({
      add: ({ id, name, createdAt, createdBy }, hash) =>
        transaction(
          sql`
            INSERT INTO ${table.service_tokens} (id, name, normalized_name, token_hash, created_at, created_by)
            VALUES (${id}, ${name}, ${normalizeKey(name)}, ${hash}, ${createdAt}, ${createdBy})
            ON CONFLICT (normalized_name) DO NOTHING
            RETURNING id`.pipe(
            Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new ServiceTokenNameTaken({ name })),
            Effect.asVoid
          )
        ),

      // Tokens that are not valid ask, too, so that one who invents them must not need a statement for each.
      find: yield* sharedRows(
        (hashes) =>
          sql<ServiceTokenRow & { readonly token_hash: string }>`
            SELECT ${columns}, token_hash FROM ${table.service_tokens} WHERE token_hash = ANY(${hashes}::text[])`,
        ({ token_hash: hash }) => hash,
        toServiceToken
      ),

      list: (after, take) =>
        query(
          sql<ServiceTokenRow>`
            SELECT ${columns}
            FROM ${table.service_tokens}
            ${after === undefined ? sql`` : sql`WHERE id < ${after}`}
            ORDER BY id DESC
            LIMIT ${take}`.pipe(Effect.map(Arr.map(toServiceToken)))
        ),

      revoke: (serviceTokenId) =>
        transaction(
          sql`DELETE FROM ${table.service_tokens} WHERE id = ${serviceTokenId} RETURNING id`.pipe(
            Effect.filterOrFail(
              Arr.isReadonlyArrayNonEmpty,
              () => new ServiceTokenNotFound({ serviceTokenId })
            ),
            Effect.asVoid
          )
        )
    })
  })
)
