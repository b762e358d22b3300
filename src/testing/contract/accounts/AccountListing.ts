import { Effect, Option } from "effect"
import type { Account } from "../../../domain/accounts/Account.ts"
import { normalizeEmail } from "../../../domain/accounts/Account.ts"
import { AccountId } from "../../../domain/shared/Ids.ts"
import { AccountStore } from "../../../ports/AccountStore.ts"
import { newAttribution, newId, newWord, respelled } from "../Given.ts"
import { type Law, law, same } from "../Law.ts"
import { registered } from "./Sessions.ts"

/** Reads all accounts in pages. */
export const allAccounts = Effect.gen(function* () {
  const store = yield* AccountStore
  const found: Array<Account> = []
  let after: AccountId | undefined
  do {
    const page = yield* store.list({}, after, 7)
    found.push(...page)
    after = page.length < 7 ? undefined : page.at(-1)?.id
  } while (after !== undefined)
  return found
})

/** Makes sure that other accounts of a law can be disabled. */
export const spareAdmin = Effect.gen(function* () {
  let { account } = yield* registered
  while (account.role !== "admin") account = (yield* registered).account
})

/** Laws of looking up accounts, for admins. */
export const accountListingLaws: ReadonlyArray<Law> = [
  law(
    "accounts are listed by descending id, disabled ones too, across pages",
    Effect.gen(function* () {
      const store = yield* AccountStore
      yield* spareAdmin
      const { at } = yield* newAttribution
      const people = yield* Effect.replicateEffect(registered, 8)
      const mine = yield* Effect.forEach(people, ({ account }, n) =>
        n % 3 === 0 ? store.disable(account.id, at) : Effect.succeed(account)
      )
      const all = yield* allAccounts
      const ids = all.map(({ id }) => id)
      yield* same(ids, [...new Set(ids)].sort().reverse())
      for (const account of mine) {
        yield* same(
          all.find(({ id }) => id === account.id),
          account
        )
        yield* same(yield* store.find(account.id), Option.some(account))
      }
      yield* same(yield* store.find(yield* newId(AccountId)), Option.none())
    })
  ),

  law(
    "an account is listed by its email in any case, and no other with it",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const [{ account }] = [yield* registered, yield* registered]
      for (const email of [account.email, respelled(account.email)]) {
        const filter = { normalizedEmail: normalizeEmail(email) }
        yield* same(yield* store.list(filter, undefined, 2), [account])
        yield* same(yield* store.list(filter, account.id, 2), [])
      }
      yield* same(yield* store.list({ normalizedEmail: `${yield* newWord}@example.com` }, undefined, 2), [])
    })
  )
]
