import { Effect, Option } from "effect"
import {
  type ServiceToken,
  ServiceTokenNameTaken,
  ServiceTokenNotFound
} from "../../../domain/accounts/ServiceToken.ts"
import { ServiceTokenId } from "../../../domain/shared/Ids.ts"
import { ServiceTokenStore } from "../../../ports/ServiceTokenStore.ts"
import { newAttribution, newId, newLabel, newWord, respelled } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"

const newToken = Effect.gen(function* () {
  const { actor: createdBy, at: createdAt } = yield* newAttribution
  const token: ServiceToken = {
    id: yield* newId(ServiceTokenId),
    name: yield* newLabel,
    createdAt,
    createdBy
  }
  return token
})

/** Adds a service token. Returns its hash too. */
const added = Effect.gen(function* () {
  const [token, hash] = [yield* newToken, yield* newWord]
  yield* ServiceTokenStore.use((store) => store.add(token, hash))
  return { token, hash }
})

const allTokens = Effect.gen(function* () {
  const store = yield* ServiceTokenStore
  const found: Array<ServiceToken> = []
  let after: ServiceTokenId | undefined
  do {
    const page = yield* store.list(after, 3)
    found.push(...page)
    after = page.length < 3 ? undefined : page.at(-1)?.id
  } while (after !== undefined)
  return found
})

/** Laws of service tokens. */
export const serviceTokenLaws: ReadonlyArray<Law> = [
  law(
    "a service token is found by its hash only, until it is revoked [L9]",
    Effect.gen(function* () {
      const store = yield* ServiceTokenStore
      const [one, other] = [yield* added, yield* added]
      for (const { token, hash } of [one, other]) yield* same(yield* store.find(hash), Option.some(token))
      yield* same(yield* store.find(yield* newWord), Option.none())
      yield* store.revoke(one.token.id)
      yield* same(yield* store.find(one.hash), Option.none())
      yield* same(yield* store.find(other.hash), Option.some(other.token))
      const { id: serviceTokenId } = one.token
      yield* refused(store.revoke(serviceTokenId), new ServiceTokenNotFound({ serviceTokenId }))
    })
  ),

  law(
    "service tokens are listed by descending id, without those that are revoked, across pages",
    Effect.gen(function* () {
      const store = yield* ServiceTokenStore
      const [revoked, ...kept] = yield* Effect.replicateEffect(added, 7)
      if (revoked !== undefined) yield* store.revoke(revoked.token.id)
      const all = yield* allTokens
      const ids = all.map(({ id }) => id)
      yield* same(ids, [...new Set(ids)].sort().reverse())
      yield* same(
        kept.map(({ token }) => all.find(({ id }) => id === token.id)),
        kept.map(({ token }) => token)
      )
      yield* same(
        all.some(({ id }) => id === revoked?.token.id),
        false
      )
    })
  ),

  law(
    "a service token's name is taken in any case, Unicode form and surrounding space, until it is revoked",
    Effect.gen(function* () {
      const store = yield* ServiceTokenStore
      const { token, hash } = yield* added
      for (const name of [token.name, ` ${respelled(token.name)} `]) {
        const again = { ...(yield* newToken), name }
        yield* refused(store.add(again, yield* newWord), new ServiceTokenNameTaken({ name }))
        yield* same(yield* store.find(hash), Option.some(token))
      }
      yield* store.revoke(token.id)
      const [next, nextHash] = [{ ...(yield* newToken), name: token.name }, yield* newWord]
      yield* store.add(next, nextHash)
      yield* same(yield* store.find(nextHash), Option.some(next))
    })
  ),

  law(
    "ten concurrent service tokens of one name: one is added and nine are refused",
    Effect.gen(function* () {
      const store = yield* ServiceTokenStore
      const { name } = yield* newToken
      const tries = yield* Effect.replicateEffect(Effect.all({ token: newToken, hash: newWord }), 10)
      const [, refusals] = yield* concurrently(
        tries.map(({ token, hash }) => store.add({ ...token, name }, hash))
      )
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => new ServiceTokenNameTaken({ name }))
      )
      const found = yield* Effect.forEach(tries, ({ hash }) => store.find(hash))
      yield* same(found.filter(Option.isSome).length, 1)
    })
  )
]
