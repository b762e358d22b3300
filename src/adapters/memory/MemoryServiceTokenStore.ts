import { Effect, Layer, Option, Result } from "effect"
import { ServiceTokenNameTaken, ServiceTokenNotFound } from "../../domain/accounts/ServiceToken.ts"
import { normalizeKey } from "../../domain/shared/Text.ts"
import { ServiceTokenStore } from "../../ports/ServiceTokenStore.ts"
import { MemoryState, step } from "./MemoryState.ts"

export const MemoryServiceTokenStore = Layer.effect(
  ServiceTokenStore,
  Effect.map(MemoryState, ({ serviceTokens }) =>
    ServiceTokenStore.of({
      add: (token, hash) =>
        step(() => {
          const key = normalizeKey(token.name)
          const taken = serviceTokens.values().some((other) => normalizeKey(other.token.name) === key)
          if (taken) return Result.fail(new ServiceTokenNameTaken({ name: token.name }))
          serviceTokens.set(token.id, { token, hash })
          return Result.void
        }),

      find: (hash) =>
        Effect.sync(() =>
          Option.fromUndefinedOr(serviceTokens.values().find((known) => known.hash === hash)?.token)
        ),

      list: (after, take) =>
        Effect.sync(() =>
          [...serviceTokens.values()]
            .map(({ token }) => token)
            .filter(({ id }) => after === undefined || id < after)
            .sort((a, b) => (a.id < b.id ? 1 : -1))
            .slice(0, take)
        ),

      revoke: (serviceTokenId) =>
        step(() =>
          serviceTokens.delete(serviceTokenId)
            ? Result.void
            : Result.fail(new ServiceTokenNotFound({ serviceTokenId }))
        )
    })
  )
)
