import { Effect, Layer, Option, Result } from "effect"
import { EmailTaken, emailKey } from "../../domain/Account.ts"
import { AccountStore } from "../../ports/AccountStore.ts"
import { Shop, step } from "./State.ts"

export const MemoryAccountStore = Layer.effect(
  AccountStore,
  Effect.map(Shop, (state) => {
    const byEmail = (key: string) =>
      state.accounts.values().find(({ account }) => emailKey(account.email) === key)

    return AccountStore.of({
      add: (account, passwordHash) =>
        step(() => {
          const taken = byEmail(emailKey(account.email)) !== undefined
          if (taken) return Result.fail(new EmailTaken({ email: account.email }))
          state.accounts.set(account.id, { account, passwordHash })
          return Result.void
        }),

      credentials: (key) =>
        Effect.sync(() =>
          Option.map(Option.fromUndefinedOr(byEmail(key)), (known) => ({ ...known, disabled: false }))
        ),

      get: (id) => Effect.sync(() => Option.fromUndefinedOr(state.accounts.get(id)?.account)),

      openSession: (session) =>
        Effect.sync(() => {
          state.sessions.set(session.tokenHash, session)
        })
    })
  })
)
