import { Effect, Layer, Option, Result, Schema } from "effect"
import {
  Account,
  type AccountId,
  AccountNotFound,
  Domain,
  EmailTaken,
  InvalidCredentials
} from "effect-commerce"
import { AccountStore } from "effect-commerce/ports"
import { Database, transaction } from "./Database.ts"

/** A row of ours as the domain has it; what is stored is checked as it is read. */
const decodeAccount = Schema.decodeUnknownSync(Schema.toType(Account))

export const accountOf = ({ id, email, role, created_at }: Record<string, unknown>): Account =>
  decodeAccount({ id, email, role, createdAt: new Date(Number(created_at)) })

export const SqliteAccounts = Layer.effect(
  AccountStore,
  Effect.map(Database, (database) => {
    const credentials = (where: "id" | "normalized_email", value: string) =>
      transaction(database, () => {
        const row = database.prepare(`SELECT * FROM accounts WHERE ${where} = ?`).get(value)
        return Result.succeed(
          Option.map(Option.fromUndefinedOr(row), (row) => ({
            account: accountOf(row),
            passwordHash: String(row.password_hash),
            disabled: row.disabled === 1
          }))
        )
      })

    const endSessions = (id: AccountId, at: Date) =>
      database
        .prepare("UPDATE sessions SET ended_at = ? WHERE account_id = ? AND ended_at IS NULL")
        .run(at.getTime(), id)

    const setDisabled = (accountId: AccountId, disabled: number) => {
      const { changes } = database
        .prepare("UPDATE accounts SET disabled = ? WHERE id = ?")
        .run(disabled, accountId)
      return changes === 0 ? Result.fail(new AccountNotFound({ accountId })) : Result.void
    }

    const replaceHash = (accountId: AccountId, from: string, to: string) =>
      database
        .prepare("UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?")
        .run(to, accountId, from).changes > 0

    return AccountStore.of({
      add: ({ id, email, role, createdAt }, passwordHash) =>
        transaction(database, () => {
          const { changes } = database
            .prepare(
              `INSERT INTO accounts (id, email, normalized_email, role, created_at, password_hash)
               VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (normalized_email) DO NOTHING`
            )
            .run(id, email, Domain.normalizeEmail(email), role, createdAt.getTime(), passwordHash)
          return changes === 0 ? Result.fail(new EmailTaken({ email })) : Result.void
        }),

      credentials: (normalizeEmail) => credentials("normalized_email", normalizeEmail),

      credentialsOf: (id) => credentials("id", id),

      get: (id) =>
        Effect.map(credentials("id", id), (known) =>
          Option.flatMap(known, ({ account, disabled }) => (disabled ? Option.none() : Option.some(account)))
        ),

      changePassword: ({ accountId, from, to, at }) =>
        transaction(database, () => {
          if (!replaceHash(accountId, from, to)) return Result.fail(new InvalidCredentials())
          endSessions(accountId, at)
          return Result.void
        }),

      renewHash: ({ accountId, from, to }) =>
        transaction(database, () => Result.succeed(replaceHash(accountId, from, to))),

      disable: (id, at) =>
        transaction(database, () => Result.map(setDisabled(id, 1), () => void endSessions(id, at))),

      enable: (id) => transaction(database, () => setDisabled(id, 0))
    })
  })
)
