import { Effect, Layer, Option, Result } from "effect"
import {
  type Account,
  AccountNotFound,
  disableAdmin,
  EmailTaken,
  InvalidCredentials,
  normalizeEmail
} from "../../domain/accounts/Account.ts"
import { InvalidResetToken } from "../../domain/accounts/PasswordReset.ts"
import type { AccountId } from "../../domain/shared/Ids.ts"
import { AccountStore } from "../../ports/AccountStore.ts"
import { endSessions } from "./MemorySessionStore.ts"
import { MemoryState, type MemoryTables, step } from "./MemoryState.ts"

export const MemoryAccountStore = Layer.effect(
  AccountStore,
  Effect.map(MemoryState, (state) => {
    const byEmail = (normalizedEmail: string) =>
      state.accounts.values().find(({ account }) => normalizeEmail(account.email) === normalizedEmail)

    return AccountStore.of({
      add: (account, passwordHash) =>
        step(() => {
          const taken = byEmail(normalizeEmail(account.email)) !== undefined
          if (taken) return Result.fail(new EmailTaken({ email: account.email }))
          state.accounts.set(account.id, { account, passwordHash, disabled: false })
          return Result.void
        }),

      credentials: (normalizedEmail) => Effect.sync(() => Option.fromUndefinedOr(byEmail(normalizedEmail))),

      credentialsOf: (id) => Effect.sync(() => Option.fromUndefinedOr(state.accounts.get(id))),

      get: (id) =>
        Effect.sync(() => {
          const credentials = state.accounts.get(id)
          return credentials === undefined || credentials.disabled
            ? Option.none()
            : Option.some(credentials.account)
        }),

      find: (id) => Effect.sync(() => Option.fromUndefinedOr(state.accounts.get(id)?.account)),

      list: ({ normalizedEmail }, after, take) =>
        Effect.sync(() =>
          [...state.accounts.values()]
            .map(({ account }) => account)
            .filter(({ id }) => after === undefined || id < after)
            .filter(({ email }) => normalizedEmail === undefined || normalizeEmail(email) === normalizedEmail)
            .sort((a, b) => (a.id < b.id ? 1 : -1))
            .slice(0, take)
        ),

      changePassword: ({ accountId, from, to, at }) =>
        step(() => {
          const credentials = state.accounts.get(accountId)
          if (credentials?.passwordHash !== from) return Result.fail(new InvalidCredentials())
          setPassword(state, accountId, to, at)
          return Result.void
        }),

      renewHash: ({ accountId, from, to }) =>
        Effect.sync(() => {
          const credentials = state.accounts.get(accountId)
          if (credentials?.passwordHash !== from) return false
          state.accounts.set(accountId, { ...credentials, passwordHash: to })
          return true
        }),

      disable: (accountId, at) =>
        step(() =>
          Result.gen(function* () {
            const known = state.accounts.get(accountId)
            if (known === undefined) return yield* Result.fail(new AccountNotFound({ accountId }))
            if (known.account.role === "admin") yield* disableAdmin(accountId, enabledAdmins(state))
            const account: Account = known.disabled ? known.account : { ...known.account, disabledAt: at }
            state.accounts.set(accountId, { ...known, account, disabled: true })
            state.resets.delete(accountId)
            endSessions(state, accountId, at)
            return account
          })
        ),

      enable: (accountId) =>
        step(() => {
          const known = state.accounts.get(accountId)
          if (known === undefined) return Result.fail(new AccountNotFound({ accountId }))
          const { disabledAt: _, ...account } = known.account
          state.accounts.set(accountId, { ...known, account, disabled: false })
          return Result.succeed(account)
        }),

      addReset: ({ normalizedEmail, tokenHash, expiresAt }) =>
        Effect.sync(() => {
          const known = byEmail(normalizedEmail)
          if (known === undefined || known.disabled) return Option.none()
          state.resets.set(known.account.id, { tokenHash, expiresAt })
          return Option.some(known.account)
        }),

      isResetValid: (tokenHash, at) => Effect.sync(() => resetAccount(state, tokenHash, at) !== undefined),

      useReset: ({ tokenHash, passwordHash, at }) =>
        step(() => {
          const accountId = resetAccount(state, tokenHash, at)
          if (accountId === undefined) return Result.fail(new InvalidResetToken())
          setPassword(state, accountId, passwordHash, at)
          return Result.void
        })
    })
  })
)

const enabledAdmins = (state: MemoryTables): ReadonlyArray<AccountId> =>
  [...state.accounts.values()]
    .filter(({ account, disabled }) => account.role === "admin" && !disabled)
    .map(({ account }) => account.id)

/** Returns the account whose password a reset token sets. */
const resetAccount = (state: MemoryTables, tokenHash: string, at: Date): AccountId | undefined => {
  const [accountId] =
    [...state.resets].find(([, reset]) => reset.tokenHash === tokenHash && at < reset.expiresAt) ?? []
  return accountId !== undefined && state.accounts.get(accountId)?.disabled === false ? accountId : undefined
}

const setPassword = (state: MemoryTables, accountId: AccountId, passwordHash: string, at: Date): void => {
  const credentials = state.accounts.get(accountId)
  if (credentials !== undefined) state.accounts.set(accountId, { ...credentials, passwordHash })
  state.resets.delete(accountId)
  endSessions(state, accountId, at)
}
