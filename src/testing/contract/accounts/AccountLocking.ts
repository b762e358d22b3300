import { Effect, Option } from "effect"
import {
  type Account,
  AccountNotFound,
  DisableRefused,
  InvalidCredentials,
  normalizeEmail
} from "../../../domain/accounts/Account.ts"
import { AccountId } from "../../../domain/shared/Ids.ts"
import { AccountStore } from "../../../ports/AccountStore.ts"
import { newAttribution, newId, newWord } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { allAccounts, spareAdmin } from "./AccountListing.ts"
import { isRejected, later, logIn, next, registered } from "./Sessions.ts"

/** Laws of password changes and of disabled accounts. */
export const lockingLaws: ReadonlyArray<Law> = [
  law(
    "the credentials of an account are found by its id",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const { account, passwordHash } = yield* registered
      yield* same(
        yield* store.credentialsOf(account.id),
        Option.some({ account, passwordHash, disabled: false })
      )
      yield* same(yield* store.credentialsOf(yield* newId(AccountId)), Option.none())
    })
  ),

  law(
    "a password change requires the current hash, and ends all sessions of this account only [L3]",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const [person, somebody] = [yield* registered, yield* registered]
      const { at } = yield* newAttribution
      const tokens = yield* Effect.replicateEffect(logIn(person, at), 2)
      const others = yield* logIn(somebody, at)
      const { account, passwordHash: from } = person
      const [to, wrong] = [yield* newWord, yield* newWord]
      const change = { accountId: account.id, from, to, at }
      yield* refused(store.changePassword({ ...change, from: wrong }), new InvalidCredentials())
      yield* same(yield* store.credentialsOf(account.id), Option.some({ ...person, disabled: false }))
      const [first = "", ...rest] = tokens
      const kept = (yield* next(first, at)).to

      yield* store.changePassword(change)
      yield* same(
        yield* store.credentials(normalizeEmail(account.email)),
        Option.some({ account, passwordHash: to, disabled: false })
      )
      for (const token of [kept, ...rest]) yield* isRejected(token, at)
      yield* refused(store.changePassword(change), new InvalidCredentials())
      yield* refused(logIn(person, at), new InvalidCredentials())
      yield* next(yield* logIn({ account, passwordHash: to }, at), at)
      yield* next(others, at)
    })
  ),

  law(
    "a renewed hash replaces the one that it was made from, and sessions go on [L3]",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const [person, somebody] = [yield* registered, yield* registered]
      const { at } = yield* newAttribution
      const token = yield* logIn(person, at)
      const { account, passwordHash: from } = person
      const [to, wrong] = [yield* newWord, yield* newWord]
      const renewal = { accountId: account.id, from, to }
      yield* same(yield* store.renewHash({ ...renewal, from: wrong }), false)
      yield* same(yield* store.renewHash({ ...renewal, accountId: yield* newId(AccountId) }), false)
      yield* same(yield* store.credentialsOf(account.id), Option.some({ ...person, disabled: false }))

      yield* same(yield* store.renewHash(renewal), true)
      yield* same(
        yield* store.credentialsOf(account.id),
        Option.some({ account, passwordHash: to, disabled: false })
      )
      yield* same(
        yield* store.credentialsOf(somebody.account.id),
        Option.some({ ...somebody, disabled: false })
      )
      yield* next(token, at)
      yield* same(yield* store.renewHash(renewal), false)
      yield* refused(logIn(person, at), new InvalidCredentials())
      yield* logIn({ account, passwordHash: to }, at)
    })
  ),

  law(
    "a disabled account has no sessions and opens none until it is enabled [L4]",
    Effect.gen(function* () {
      const store = yield* AccountStore
      yield* spareAdmin
      const [person, somebody] = [yield* registered, yield* registered]
      const { id, email } = person.account
      const { at } = yield* newAttribution
      const [token, others] = [yield* logIn(person, at), yield* logIn(somebody, at)]
      const disabled = { ...person.account, disabledAt: at }
      for (let n = 0; n < 2; n++) {
        yield* same(yield* store.disable(id, later(at, n)), disabled)
        yield* same(yield* store.get(id), Option.none())
        yield* same(
          yield* store.credentials(normalizeEmail(email)),
          Option.some({ ...person, account: disabled, disabled: true })
        )
        yield* isRejected(token, at)
        yield* refused(logIn(person, at), new InvalidCredentials())
      }
      for (let n = 0; n < 2; n++) {
        yield* same(yield* store.enable(id), person.account)
        yield* same(yield* store.get(id), Option.some(person.account))
        yield* isRejected(token, at)
      }
      yield* next(yield* logIn(person, at), at)
      yield* next(others, at)
      const accountId = yield* newId(AccountId)
      yield* refused(store.disable(accountId, at), new AccountNotFound({ accountId }))
      yield* refused(store.enable(accountId), new AccountNotFound({ accountId }))
    })
  ),

  law(
    "of admins who are disabled concurrently one stays, and the last cannot be disabled [L10]",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const { at } = yield* newAttribution
      const isEnabledAdmin = ({ role, disabledAt }: Account) => role === "admin" && disabledAt === undefined
      const enabledAdmins = Effect.map(allAccounts, (all) => all.filter(isEnabledAdmin).map(({ id }) => id))
      for (let n = 0; n < 3; n++) yield* spareAdmin
      const before = yield* enabledAdmins
      const [, refusals] = yield* concurrently(before.map((id) => store.disable(id, at)))
      const [last, ...others] = yield* enabledAdmins
      yield* same(others, [])
      if (last === undefined) return yield* same<unknown>(last, "an admin")
      const refusal = new DisableRefused({ accountId: last, reason: "last admin" })
      yield* same(refusals, [refusal])
      yield* refused(store.disable(last, at), refusal)
      yield* store.enable(before.find((id) => id !== last) ?? last)
      yield* same((yield* store.disable(last, at)).disabledAt, at)
    })
  )
]
