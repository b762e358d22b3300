import { Array as Arr, Effect, Layer, Option } from "effect"
import { EmailTaken, emailKey } from "../../domain/Account.ts"
import { AccountStore } from "../../ports/AccountStore.ts"
import { Database } from "./Database.ts"
import { type AccountRow, toAccount } from "./Rows.ts"

export const PgAccountStore = Layer.effect(
  AccountStore,
  Effect.gen(function* () {
    const { sql, table, query, transaction } = yield* Database

    return AccountStore.of({
      add: (account, passwordHash) =>
        transaction(
          sql`
            INSERT INTO ${table.accounts} (id, email, email_key, password_hash, role, created_at)
            VALUES (${account.id}, ${account.email}, ${emailKey(account.email)}, ${passwordHash},
              ${account.role}, ${account.createdAt})
            ON CONFLICT (email_key) DO NOTHING
            RETURNING id`.pipe(
            Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new EmailTaken({ email: account.email })),
            Effect.asVoid
          )
        ),

      credentials: (key) =>
        query(
          sql<AccountRow & { readonly password_hash: string; readonly disabled: boolean }>`
            SELECT id, email, role, created_at, password_hash, disabled_at IS NOT NULL AS disabled
            FROM ${table.accounts}
            WHERE email_key = ${key}`.pipe(
            Effect.map(Arr.head),
            Effect.map(
              Option.map((row) => ({
                account: toAccount(row),
                passwordHash: row.password_hash,
                disabled: row.disabled
              }))
            )
          )
        ),

      get: (id) =>
        query(
          sql<AccountRow>`
            SELECT id, email, role, created_at
            FROM ${table.accounts}
            WHERE id = ${id} AND disabled_at IS NULL`.pipe(
            Effect.map(Arr.head),
            Effect.map(Option.map(toAccount))
          )
        ),

      openSession: (session) =>
        transaction(
          Effect.gen(function* () {
            yield* sql`
              INSERT INTO ${table.sessions} (id, account_id, created_at, expires_at)
              VALUES (${session.id}, ${session.accountId}, ${session.createdAt}, ${session.expiresAt})`
            yield* sql`
              INSERT INTO ${table.refresh_tokens} (token_hash, session_id, created_at)
              VALUES (${session.tokenHash}, ${session.id}, ${session.createdAt})`
          })
        )
    })
  })
)
