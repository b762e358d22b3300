import { Array as Arr, Effect, Layer, Option } from "effect"
import type { Statement } from "effect/sql"
import {
  AccountNotFound,
  disableAdmin,
  EmailTaken,
  InvalidCredentials,
  normalizeEmail
} from "../../../domain/accounts/Account.ts"
import { InvalidResetToken } from "../../../domain/accounts/PasswordReset.ts"
import type { AccountId } from "../../../domain/shared/Ids.ts"
import { AccountStore, type Credentials } from "../../../ports/AccountStore.ts"
import { Database } from "../execution/Database.ts"
import { sharedRows } from "../execution/SharedReads.ts"
import { type AccountRow, accountColumns, endSessions, toAccount } from "./AccountRecords.ts"

interface CredentialsRow extends AccountRow {
  readonly password_hash: string
}

const toCredentials = (row: CredentialsRow): Credentials => ({
  account: toAccount(row),
  passwordHash: row.password_hash,
  disabled: row.disabled_at !== null
})

export const PgAccountStore = Layer.effect(
  AccountStore,
  Effect.gen(function* () {
    const { sql, table, query, transaction } = yield* Database
    const endAll = yield* endSessions
    const columns = sql.literal(accountColumns)
    const withoutReset = sql.literal("reset_token_hash = NULL, reset_expires_at = NULL")

    const credentials = (column: "id" | "normalized_email", value: string) =>
      query(
        sql<CredentialsRow>`
          SELECT ${columns}, password_hash
          FROM ${table.accounts}
          WHERE ${sql.literal(column)} = ${value}`.pipe(
          Effect.map(Arr.head),
          Effect.map(Option.map(toCredentials))
        )
      )

    const disableWhere = (accountId: AccountId, at: Date, condition: Statement.Fragment) =>
      sql<AccountRow>`
        UPDATE ${table.accounts} SET disabled_at = coalesce(disabled_at, ${at}), ${withoutReset}
        WHERE id = ${accountId} AND ${condition}
        RETURNING ${columns}`

    /** Locks all enabled admins in the order of their ids, so that of two who disable each other one stays. */
    const lockedAdmins = sql<{ id: AccountId }>`
      SELECT id FROM ${table.accounts} WHERE role = 'admin' AND disabled_at IS NULL
      ORDER BY id FOR NO KEY UPDATE`

    const disable = Effect.fnUntraced(function* (accountId: AccountId, at: Date) {
      const [customer] = yield* disableWhere(accountId, at, sql`role = 'customer'`)
      if (customer !== undefined) return customer
      const admins = Arr.map(yield* lockedAdmins, ({ id }) => id)
      yield* Effect.fromResult(disableAdmin(accountId, admins))
      const [admin] = yield* disableWhere(accountId, at, sql`role = 'admin'`)
      return admin ?? (yield* new AccountNotFound({ accountId }))
    })

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

      get: yield* sharedRows(
        (ids) =>
          sql<AccountRow>`
            SELECT ${columns}
            FROM ${table.accounts}
            WHERE id = ANY(${ids}::uuid[]) AND disabled_at IS NULL`,
        ({ id }) => id,
        toAccount
      ),

      find: (id) =>
        query(
          sql<AccountRow>`SELECT ${columns} FROM ${table.accounts} WHERE id = ${id}`.pipe(
            Effect.map(Arr.head),
            Effect.map(Option.map(toAccount))
          )
        ),

      list: ({ normalizedEmail }, after, take) =>
        query(
          sql<AccountRow>`
            SELECT ${columns}
            FROM ${table.accounts}
            WHERE ${sql.and([
              ...(normalizedEmail === undefined ? [] : [sql`normalized_email = ${normalizedEmail}`]),
              ...(after === undefined ? [] : [sql`id < ${after}`])
            ])}
            ORDER BY id DESC
            LIMIT ${take}`.pipe(Effect.map(Arr.map(toAccount)))
        ),

      changePassword: ({ at, ...change }) =>
        transaction(
          sql`
            UPDATE ${table.accounts} SET password_hash = ${change.to}, ${withoutReset}
            WHERE id = ${change.accountId} AND password_hash = ${change.from}
            RETURNING id`.pipe(
            Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new InvalidCredentials()),
            Effect.andThen(endAll(change.accountId, at))
          )
        ),

      renewHash: ({ accountId, from, to }) =>
        Effect.map(
          transaction(sql`
            UPDATE ${table.accounts} SET password_hash = ${to}
            WHERE id = ${accountId} AND password_hash = ${from}
            RETURNING id`),
          Arr.isReadonlyArrayNonEmpty
        ),

      disable: (accountId, at) =>
        transaction(
          disable(accountId, at).pipe(
            Effect.tap(() => endAll(accountId, at)),
            Effect.map(toAccount)
          )
        ),

      enable: (accountId) =>
        transaction(
          sql<AccountRow>`
            UPDATE ${table.accounts} SET disabled_at = NULL
            WHERE id = ${accountId}
            RETURNING ${columns}`.pipe(
            Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new AccountNotFound({ accountId })),
            Effect.map(([row]) => toAccount(row))
          )
        ),

      addReset: ({ normalizedEmail, tokenHash, expiresAt }) =>
        transaction(
          sql<AccountRow>`
            UPDATE ${table.accounts} SET reset_token_hash = ${tokenHash}, reset_expires_at = ${expiresAt}
            WHERE normalized_email = ${normalizedEmail} AND disabled_at IS NULL
            RETURNING ${columns}`.pipe(Effect.map(Arr.head), Effect.map(Option.map(toAccount)))
        ),

      isResetValid: (tokenHash, at) =>
        query(
          sql`
            SELECT id FROM ${table.accounts}
            WHERE reset_token_hash = ${tokenHash} AND reset_expires_at > ${at} AND disabled_at IS NULL`.pipe(
            Effect.map(Arr.isReadonlyArrayNonEmpty)
          )
        ),

      // A concurrent use waits for this row, and then finds another hash in it.
      useReset: ({ tokenHash, passwordHash, at }) =>
        transaction(
          sql<{ id: AccountId }>`
            UPDATE ${table.accounts} SET password_hash = ${passwordHash}, ${withoutReset}
            WHERE reset_token_hash = ${tokenHash} AND reset_expires_at > ${at} AND disabled_at IS NULL
            RETURNING id`.pipe(
            Effect.filterOrFail(Arr.isReadonlyArrayNonEmpty, () => new InvalidResetToken()),
            Effect.flatMap(([{ id }]) => endAll(id, at))
          )
        )
    })
  })
)
