import { Effect, Layer, Option, Result, Schema } from "effect"
import {
  Account,
  type AccountId,
  AccountNotFound,
  Domain,
  EmailTaken,
  InvalidCredentials,
  InvalidResetToken
} from "effect-commerce"
import { AccountStore } from "effect-commerce/ports"
import { Database, transaction } from "./Database.ts"

/** A row of ours as the domain has it; what is stored is checked as it is read. */
const decodeAccount = Schema.decodeUnknownSync(Schema.toType(Account))

export const accountOf = ({ id, email, role, created_at, disabled_at }: Record<string, unknown>): Account =>
  decodeAccount({
    id,
    email,
    role,
    createdAt: new Date(Number(created_at)),
    ...(disabled_at === null ? {} : { disabledAt: new Date(Number(disabled_at)) })
  })

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
            disabled: row.disabled_at !== null
          }))
        )
      })

    const endSessions = (id: AccountId, at: Date) =>
      database
        .prepare("UPDATE sessions SET ended_at = ? WHERE account_id = ? AND ended_at IS NULL")
        .run(at.getTime(), id)

    const found = (accountId: AccountId) => {
      const row = database.prepare("SELECT * FROM accounts WHERE id = ?").get(accountId)
      return row === undefined
        ? Result.fail(new AccountNotFound({ accountId }))
        : Result.succeed(accountOf(row))
    }

    const enabledAdmins = () =>
      database
        .prepare("SELECT * FROM accounts WHERE role = 'admin' AND disabled_at IS NULL")
        .all()
        .map((row) => accountOf(row).id)

    const resets = "reset_token_hash = ? AND reset_expires_at > ? AND disabled_at IS NULL"

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
          database.prepare("UPDATE accounts SET reset_token_hash = NULL WHERE id = ?").run(accountId)
          endSessions(accountId, at)
          return Result.void
        }),

      renewHash: ({ accountId, from, to }) =>
        transaction(database, () => Result.succeed(replaceHash(accountId, from, to))),

      find: (id) =>
        Effect.map(
          credentials("id", id),
          Option.map(({ account }) => account)
        ),

      list: ({ normalizedEmail = null }, after, take) =>
        transaction(database, () =>
          Result.succeed(
            database
              .prepare(
                `SELECT * FROM accounts WHERE id < ? AND normalized_email = coalesce(?, normalized_email)
                 ORDER BY id DESC LIMIT ?`
              )
              .all(after ?? "~", normalizedEmail, take)
              .map(accountOf)
          )
        ),

      disable: (id, at) =>
        transaction(database, () =>
          Result.gen(function* () {
            const { role } = yield* found(id)
            if (role === "admin") yield* Domain.disableAdmin(id, enabledAdmins())
            database
              .prepare(
                "UPDATE accounts SET disabled_at = coalesce(disabled_at, ?), reset_token_hash = NULL WHERE id = ?"
              )
              .run(at.getTime(), id)
            endSessions(id, at)
            return yield* found(id)
          })
        ),

      enable: (id) =>
        transaction(database, () => {
          database.prepare("UPDATE accounts SET disabled_at = NULL WHERE id = ?").run(id)
          return found(id)
        }),

      addReset: ({ normalizedEmail, tokenHash, expiresAt }) =>
        transaction(database, () => {
          const row = database
            .prepare(
              `UPDATE accounts SET reset_token_hash = ?, reset_expires_at = ?
               WHERE normalized_email = ? AND disabled_at IS NULL RETURNING *`
            )
            .get(tokenHash, expiresAt.getTime(), normalizedEmail)
          return Result.succeed(Option.map(Option.fromUndefinedOr(row), accountOf))
        }),

      isResetValid: (tokenHash, at) =>
        transaction(database, () => {
          const row = database.prepare(`SELECT id FROM accounts WHERE ${resets}`).get(tokenHash, at.getTime())
          return Result.succeed(row !== undefined)
        }),

      useReset: ({ tokenHash, passwordHash, at }) =>
        transaction(database, () => {
          const row = database
            .prepare(
              `UPDATE accounts SET password_hash = ?, reset_token_hash = NULL WHERE ${resets} RETURNING *`
            )
            .get(passwordHash, tokenHash, at.getTime())
          if (row === undefined) return Result.fail(new InvalidResetToken())
          endSessions(accountOf(row).id, at)
          return Result.void
        })
    })
  })
)
