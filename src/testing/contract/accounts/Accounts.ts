import { Effect, Option } from "effect"
import { type Account, EmailTaken, normalizeEmail } from "../../../domain/accounts/Account.ts"
import { AccountId } from "../../../domain/shared/Ids.ts"
import { AccountStore } from "../../../ports/AccountStore.ts"
import { account as accounts } from "../../Generators.ts"
import { newId, newWord, rewritten, sample } from "../Given.ts"
import { atOnce, type Law, law, refused, same } from "../Law.ts"

export const newAccount = Effect.gen(function* () {
  const account: Account = yield* sample(accounts)
  return { ...account, id: yield* newId(AccountId), email: `${yield* newWord}é${account.email}` }
})

export const accountLaws: ReadonlyArray<Law> = [
  law(
    "an account is found by its id and by its email, whatever the case of the email",
    Effect.gen(function* () {
      const store = yield* AccountStore
      for (const account of yield* Effect.replicateEffect(newAccount, 20)) {
        const passwordHash = yield* newWord
        yield* store.add(account, passwordHash)
        yield* same(yield* store.get(account.id), Option.some(account))
        for (const email of [account.email, rewritten(account.email)]) {
          const known = yield* store.credentials(normalizeEmail(email))
          yield* same(known, Option.some({ account, passwordHash, disabled: false }))
        }
      }
    })
  ),

  law(
    "an email is taken, whatever its case and Unicode form, and who has it stays as they are",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const account = yield* newAccount
      yield* store.add(account, "a hash")
      for (const email of [account.email, rewritten(account.email)]) {
        const id = yield* newId(AccountId)
        yield* refused(store.add({ ...account, id, email }, "another"), new EmailTaken({ email }))
        yield* same(yield* store.get(id), Option.none())
      }
      const known = yield* store.credentials(normalizeEmail(account.email))
      yield* same(known, Option.some({ account, passwordHash: "a hash", disabled: false }))
    })
  ),

  law(
    "nobody is found by an id or an email that no account has",
    Effect.gen(function* () {
      const store = yield* AccountStore
      yield* same(yield* store.get(yield* newId(AccountId)), Option.none())
      yield* same(yield* store.credentials(`${yield* newWord}@example.com`), Option.none())
    })
  ),

  law(
    "of ten who register one email at once, one has it and nine are refused",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const account = yield* newAccount
      const ids = yield* Effect.replicateEffect(newId(AccountId), 10)
      const [, refusals] = yield* atOnce(ids.map((id) => store.add({ ...account, id }, id)))
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
