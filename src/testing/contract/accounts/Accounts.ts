import { Effect, Option } from "effect"
import { type Account, EmailTaken, normalizeEmail } from "../../../domain/accounts/Account.ts"
import { AccountId } from "../../../domain/shared/Ids.ts"
import { AccountStore } from "../../../ports/AccountStore.ts"
import { account as accounts } from "../../Generators.ts"
import { newId, newWord, respelled, sample } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"

export const newAccount = Effect.gen(function* () {
  const account: Account = yield* sample(accounts)
  return { ...account, id: yield* newId(AccountId), email: `${yield* newWord}é${account.email}` }
})

export const accountLaws: ReadonlyArray<Law> = [
  law(
    "an account is found by its id and by its email in any case",
    Effect.gen(function* () {
      const store = yield* AccountStore
      for (const account of yield* Effect.replicateEffect(newAccount, 20)) {
        const passwordHash = yield* newWord
        yield* store.add(account, passwordHash)
        yield* same(yield* store.get(account.id), Option.some(account))
        for (const email of [account.email, respelled(account.email)]) {
          const known = yield* store.credentials(normalizeEmail(email))
          yield* same(known, Option.some({ account, passwordHash, disabled: false }))
        }
      }
    })
  ),

  law(
    "an email is taken in any case and Unicode form, and its account stays unchanged",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const account = yield* newAccount
      yield* store.add(account, "a hash")
      for (const email of [account.email, respelled(account.email)]) {
        const id = yield* newId(AccountId)
        yield* refused(store.add({ ...account, id, email }, "another"), new EmailTaken({ email }))
        yield* same(yield* store.get(id), Option.none())
      }
      const known = yield* store.credentials(normalizeEmail(account.email))
      yield* same(known, Option.some({ account, passwordHash: "a hash", disabled: false }))
    })
  ),

  law(
    "an unknown id or email finds no account",
    Effect.gen(function* () {
      const store = yield* AccountStore
      yield* same(yield* store.get(yield* newId(AccountId)), Option.none())
      yield* same(yield* store.credentials(`${yield* newWord}@example.com`), Option.none())
    })
  ),

  law(
    "ten concurrent registrations of one email: one succeeds and nine are refused",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const account = yield* newAccount
      const ids = yield* Effect.replicateEffect(newId(AccountId), 10)
      const [, refusals] = yield* concurrently(ids.map((id) => store.add({ ...account, id }, id)))
      const taken = new EmailTaken({ email: account.email })
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => taken)
      )
      const holders = yield* Effect.forEach(ids, store.get)
      yield* same(holders.filter(Option.isSome).length, 1)
    })
  )
]
