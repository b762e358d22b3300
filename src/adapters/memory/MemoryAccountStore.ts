import { Effect, Layer, Option, Result } from "effect"
import {
  AccountNotFound,
  EmailTaken,
  InvalidCredentials,
  normalizeEmail
} from "../../domain/accounts/Account.ts"
import type { AccountId } from "../../domain/shared/Ids.ts"
import { AccountStore, type Credentials } from "../../ports/AccountStore.ts"
import { endSessions } from "./MemorySessionStore.ts"
import { MemoryState, step } from "./MemoryState.ts"

export const MemoryAccountStore = Layer.effect(
  AccountStore,
  Effect.map(MemoryState, (state) => {
    const byEmail = (normalizedEmail: string) =>
      state.accounts.values().find(({ account }) => normalizeEmail(account.email) === normalizedEmail)

    const change = (accountId: AccountId, fields: Partial<Credentials>) =>
      step(() => {
        const credentials = state.accounts.get(accountId)
        if (credentials === undefined) return Result.fail(new AccountNotFound({ accountId }))
        state.accounts.set(accountId, { ...credentials, ...fields })
        return Result.void
      })

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

      changePassword: ({ accountId, from, to, at }) =>
        step(() => {
          const credentials = state.accounts.get(accountId)
          if (credentials?.passwordHash !== from) return Result.fail(new InvalidCredentials())
          state.accounts.set(accountId, { ...credentials, passwordHash: to })
          endSessions(state, accountId, at)
          return Result.void
        }),

      renewHash: ({ accountId, from, to }) =>
        Effect.sync(() => {
          const credentials = state.accounts.get(accountId)
          if (credentials?.passwordHash !== from) return false
          state.accounts.set(accountId, { ...credentials, passwordHash: to })
          return true
        }),

      disable: (id, at) =>
        Effect.tap(change(id, { disabled: true }), () => Effect.sync(() => endSessions(state, id, at))),

      enable: (id) => change(id, { disabled: false })
    })
  })
)
