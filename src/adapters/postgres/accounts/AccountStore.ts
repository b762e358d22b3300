import { Array as Arr, Effect, Layer, Option } from "effect"
import {
  AccountNotFound,
  EmailTaken,
  InvalidCredentials,
  normalizeEmail
} from "../../../domain/accounts/Account.ts"
import { AccountStore, type Credentials, type NewPasswordHash } from "../../../ports/AccountStore.ts"
import { epochMillis } from "../execution/ColumnTypes.ts"
import { Database } from "../execution/Database.ts"
import { rowsById } from "../execution/SharedReads.ts"
import { type AccountRow, endSessions, toAccount } from "./AccountRecords.ts"

interface CredentialsRow extends AccountRow {
  readonly password_hash: string
  readonly disabled: boolean
}

const toCredentials = (row: CredentialsRow): Credentials => ({
  account: toAccount(row),
  passwordHash: row.password_hash,
  disabled: row.disabled
})

export const PgAccountStore = Layer.effect(
  AccountStore,
  Effect.gen(function* () {
    const { sql, table, query, transaction } = yield* Database
    const endAll = yield* endSessions

    const credentials = (column: "id" | "normalized_email", value: string) =>
      query(
        sql<CredentialsRow>`
          SELECT id, email, role, ${sql.literal(epochMillis("created_at"))}, password_hash, disabled_at IS NOT NULL AS disabled
          FROM ${table.accounts}
          WHERE ${sql.literal(column)} = ${value}`.pipe(
          Effect.map(Arr.head),
          Effect.map(Option.map(toCredentials))
        )
      )

    /** Returns a row if the hash was `from`. */
    const replaceHash = ({ accountId, from, to }: Omit<NewPasswordHash, "at">) =>
      sql`
        UPDATE ${table.accounts} SET password_hash = ${to}
        WHERE id = ${accountId} AND password_hash = ${from}
        RETURNING id`

    return AccountStore.of({
      add: (account, passwordHash) =>
        transaction(
          sql`
            INSERT INTO ${table.accounts} (id, email, normalized_email, password_hash, role, created_at)
            VALUES (${account.id}, ${account.email}, ${normalizeEmail(account.email)}, ${passwordHash},
              ${account.role}, ${account.createdAt})
            ON CONFLICT (normalized_email) DO NOTHING
            RETURNING id`.pipe(
            Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new EmailTaken({ email: account.email })),
            Effect.asVoid
          )
        ),

      credentials: (normalizedEmail) => credentials("normalized_email", normalizedEmail),

      credentialsOf: (id) => credentials("id", id),

      get: yield* rowsById(
        (ids) =>
          sql<AccountRow>`
            SELECT id, email, role, ${sql.literal(epochMillis("created_at"))}
            FROM ${table.accounts}
            WHERE id = ANY(${ids}::uuid[]) AND disabled_at IS NULL`,
        toAccount
      ),

      changePassword: ({ at, ...change }) =>
        transaction(
          replaceHash(change).pipe(
            Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new InvalidCredentials()),
            Effect.andThen(endAll(change.accountId, at))
          )
        ),

      renewHash: (change) => Effect.map(transaction(replaceHash(change)), Arr.isReadonlyArrayNonEmpty),

      disable: (accountId, at) =>
        transaction(
          sql`
            UPDATE ${table.accounts} SET disabled_at = coalesce(disabled_at, ${at})
            WHERE id = ${accountId}
            RETURNING id`.pipe(
            Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new AccountNotFound({ accountId })),
            Effect.andThen(endAll(accountId, at))
          )
        ),

      enable: (accountId) =>
        transaction(
          sql`
            UPDATE ${table.accounts} SET disabled_at = NULL
            WHERE id = ${accountId}
            RETURNING id`.pipe(
            Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new AccountNotFound({ accountId })),
            Effect.asVoid
          )
        )
    })
  })
)
