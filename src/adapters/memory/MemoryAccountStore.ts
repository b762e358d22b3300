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
    const byEmail = (key: string) =>
      state.accounts.values().find(({ account }) => normalizeEmail(account.email) === key)

    const change = (accountId: AccountId, fields: Partial<Credentials>) =>
      step(() => {
        const known = state.accounts.get(accountId)
        if (known === undefined) return Result.fail(new AccountNotFound({ accountId }))
        state.accounts.set(accountId, { ...known, ...fields })
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

      credentials: (key) => Effect.sync(() => Option.fromUndefinedOr(byEmail(key))),

      credentialsOf: (id) => Effect.sync(() => Option.fromUndefinedOr(state.accounts.get(id))),

      get: (id) =>
        Effect.sync(() => {
          const known = state.accounts.get(id)
          return known === undefined || known.disabled ? Option.none() : Option.some(known.account)
        }),

      changePassword: ({ accountId, from, to, at }) =>
        step(() => {
          const known = state.accounts.get(accountId)
          if (known?.passwordHash !== from) return Result.fail(new InvalidCredentials())
          state.accounts.set(accountId, { ...known, passwordHash: to })
          endSessions(state, accountId, at)
          return Result.void
        }),

      disable: (id, at) =>
        Effect.tap(change(id, { disabled: true }), () => Effect.sync(() => endSessions(state, id, at))),

      enable: (id) => change(id, { disabled: false })
    })
  })
)
