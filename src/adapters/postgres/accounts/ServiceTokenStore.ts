import { Array as Arr, Effect, Layer, Option } from "effect"
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
import { sharedReads } from "../execution/SharedReads.ts"

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

    // Tokens that are not valid ask, too, so that one who invents them must not need a statement for each.
    const rowOf = yield* sharedReads<string, Option.Option<ServiceTokenRow>>({
      groupOf: () => "",
      run: (hashes) =>
        Effect.map(
          sql<ServiceTokenRow & { readonly token_hash: string }>`
            SELECT ${columns}, token_hash FROM ${table.service_tokens} WHERE token_hash = ANY(${hashes}::text[])`,
          (rows) => {
            const found = new Map(rows.map((row) => [row.token_hash, row]))
            return hashes.map((hash) => Option.fromUndefinedOr(found.get(hash)))
          }
        )
    })

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

      find: (hash) => Effect.map(rowOf(hash), Option.map(toServiceToken)),

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
