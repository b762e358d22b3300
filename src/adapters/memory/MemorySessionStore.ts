import { Effect, Layer, Result } from "effect"
import { InvalidCredentials } from "../../domain/accounts/Account.ts"
import { InvalidRefreshToken, refresh } from "../../domain/accounts/Session.ts"
import type { AccountId, SessionId } from "../../domain/shared/Ids.ts"
import { SessionStore } from "../../ports/SessionStore.ts"
import { MemoryState, type MemoryTables, step } from "./MemoryState.ts"

export const MemorySessionStore = Layer.effect(
  SessionStore,
  Effect.map(MemoryState, (state) =>
    SessionStore.of({
      open: ({ tokenHash, ...session }, passwordHash) =>
        step(() => {
          const known = state.accounts.get(session.accountId)
          if (known === undefined || known.disabled || known.passwordHash !== passwordHash) {
            return Result.fail(new InvalidCredentials())
          }
          state.sessions.set(session.id, { ...session, endedAt: null })
          state.refreshTokens.set(tokenHash, { sessionId: session.id, used: false })
          return Result.void
        }),

      refresh: ({ from, to, at }) =>
        step(() => {
          const token = state.refreshTokens.get(from)
          const session = token && state.sessions.get(token.sessionId)
          const owner = session && state.accounts.get(session.accountId)
          if (token === undefined || session === undefined || owner === undefined) {
            return Result.fail(new InvalidRefreshToken())
          }
          const decision = refresh({ ...session, used: token.used, disabled: owner.disabled }, at)
          if (decision === "endSession") end(state, session.id, at)
          if (decision !== "rotate") return Result.fail(new InvalidRefreshToken())
          state.refreshTokens.set(from, { ...token, used: true })
          state.refreshTokens.set(to, { sessionId: session.id, used: false })
          return Result.succeed(owner.account)
        }),

      end: (tokenHash, at) =>
        Effect.sync(() => {
          const token = state.refreshTokens.get(tokenHash)
          if (token !== undefined) end(state, token.sessionId, at)
        }),

      endAll: (accountId, at) => Effect.sync(() => endSessions(state, accountId, at)),

      prune: (before, take) =>
        Effect.sync(() => {
          const ended = new Set([...state.sessions.values()].filter(endedBefore(before)).map(({ id }) => id))
          const tokens = [...state.refreshTokens].filter(([, { sessionId }]) => ended.has(sessionId))
          for (const [tokenHash] of tokens.slice(0, take)) state.refreshTokens.delete(tokenHash)
          for (const { sessionId } of state.refreshTokens.values()) ended.delete(sessionId)
          for (const id of ended) state.sessions.delete(id)
          return Math.min(tokens.length, take)
        })
    })
  )
)

const endedBefore =
  (before: Date) =>
  ({ expiresAt, endedAt }: { readonly expiresAt: Date; readonly endedAt: Date | null }) =>
    expiresAt < before || (endedAt !== null && endedAt < before)

const end = (state: MemoryTables, id: SessionId, at: Date): void => {
  const session = state.sessions.get(id)
  if (session?.endedAt === null) state.sessions.set(id, { ...session, endedAt: at })
}

/** Ends all sessions of an account. */
export const endSessions = (state: MemoryTables, accountId: AccountId, at: Date): void => {
  for (const session of state.sessions.values()) {
    if (session.accountId === accountId) end(state, session.id, at)
  }
}
