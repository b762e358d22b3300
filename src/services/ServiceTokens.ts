import { Context, Effect, Layer, Option, type Stream } from "effect"
import { type Principal, Unauthenticated } from "../domain/accounts/AccessPolicy.ts"
import {
  type NewServiceToken,
  type ServiceToken,
  ServiceTokenKey,
  type ServiceTokenNameTaken,
  type ServiceTokenNotFound,
  serviceOf,
  serviceTokenPrefix
} from "../domain/accounts/ServiceToken.ts"
import { systemActor } from "../domain/shared/Attribution.ts"
import { ServiceTokenId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { defaultLimit, keyset, type Page } from "../domain/shared/Page.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { ServiceTokenStore } from "../ports/ServiceTokenStore.ts"
import { TokenIssuer } from "../ports/TokenIssuer.ts"
import { traced } from "../telemetry/Traced.ts"
import { allPages } from "./AllPages.ts"
import { checkedIssuer } from "./CheckedPorts.ts"
import { Ids, now } from "./Ids.ts"
import type { ActorOptions } from "./inputs/Options.ts"
import {
  type CreateServiceTokenInput,
  decodeCreateServiceToken,
  decodeServiceTokenId,
  decodeServiceTokenQuery,
  type ServiceTokenQueryInput
} from "./inputs/ServiceTokens.ts"

/** Tokens with which back ends use the HTTP API as an admin would. Trusts its caller: check access before. */
export class ServiceTokens extends Context.Service<
  ServiceTokens,
  {
    /** Creates a service token. Its secret `token` is returned only here: only its hash is stored. */
    readonly create: (
      input: CreateServiceTokenInput,
      options?: ActorOptions
    ) => Effect.Effect<NewServiceToken, InvalidInput | ServiceTokenNameTaken | StoreUnavailable>
    /** Returns a page of the service tokens, newest first, without their secrets. */
    readonly list: (
      query?: ServiceTokenQueryInput
    ) => Effect.Effect<Page<ServiceToken>, InvalidInput | StoreUnavailable>
    /** Streams all service tokens, newest first. Reads a page when its first token is needed. */
    readonly listAll: () => Stream.Stream<ServiceToken, InvalidInput | StoreUnavailable>
    /** Revokes a service token: every request after this one is refused, in every process. Its name is free again. */
    readonly revoke: (
      serviceTokenId: string
    ) => Effect.Effect<void, InvalidInput | ServiceTokenNotFound | StoreUnavailable>
    /** Returns the service of a secret. It reads the store each time, so that a revoked token is refused at once. */
    readonly authenticate: (
      token: string
    ) => Effect.Effect<NonNullable<Principal>, Unauthenticated | StoreUnavailable>
  }
>()("effect-commerce/services/ServiceTokens") {
  static readonly layer = Layer.effect(
    ServiceTokens,
    Effect.suspend(() => make)
  ).pipe(Layer.provide(Ids.layer))
}

const pagesOf = keyset(ServiceTokenKey)

/** Whether a bearer token is a service token. Access tokens are JWTs, which begin otherwise. */
export const isServiceToken = (token: string): boolean => token.startsWith(serviceTokenPrefix)

const make = Effect.gen(function* () {
  const store = yield* ServiceTokenStore
  const tokens = checkedIssuer(yield* TokenIssuer)
  const newId = yield* Ids

  const create = Effect.fnUntraced(function* (input: CreateServiceTokenInput, options?: ActorOptions) {
    const [{ name }, { actor = systemActor }] = yield* decodeCreateServiceToken(input, options)
    const secret = yield* tokens.refresh
    const created: ServiceToken = {
      id: yield* newId(ServiceTokenId),
      name,
      createdAt: yield* now,
      createdBy: actor
    }
    yield* store.add(created, secret.hash)
    return { ...created, token: `${serviceTokenPrefix}${secret.token}` }
  })

  const list = Effect.fnUntraced(function* (input: ServiceTokenQueryInput = {}) {
    const { limit = defaultLimit, cursor } = yield* decodeServiceTokenQuery(input)
    const pages = pagesOf("service tokens")
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.list(after?.[0], limit + 1)
    return pages.page(found, limit, ({ id }) => [id] as const)
  })

  const revoke = Effect.fnUntraced(function* (given: string) {
    yield* store.revoke(yield* decodeServiceTokenId(given))
  })

  const authenticate = Effect.fnUntraced(function* (token: string) {
    if (!isServiceToken(token)) return yield* new Unauthenticated()
    const hash = yield* tokens.hashRefresh(token.slice(serviceTokenPrefix.length))
    const found = yield* store.find(hash)
    return Option.isSome(found) ? serviceOf(found.value) : yield* new Unauthenticated()
  })

  return ServiceTokens.of(
    traced("ServiceTokens", { create, list, listAll: () => allPages(list), revoke, authenticate })
  )
})
