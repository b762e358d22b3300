import { Effect, Option, Result } from "effect"
import { type Account, normalizeEmail } from "../../../domain/accounts/Account.ts"
import { InvalidResetToken } from "../../../domain/accounts/PasswordReset.ts"
import { AccountStore } from "../../../ports/AccountStore.ts"
import type { SessionStore } from "../../../ports/SessionStore.ts"
import { newAttribution, newWord } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { spareAdmin } from "./AccountListing.ts"
import { isRejected, later, logIn, next, registered } from "./Sessions.ts"

const hour = 3_600_000

/** Asks for a reset token of an hour. */
const requested = Effect.fnUntraced(function* ({ email }: Account, at: Date) {
  const store = yield* AccountStore
  const tokenHash = yield* newWord
  const expiresAt = later(at, hour)
  const account = yield* store.addReset({ normalizedEmail: normalizeEmail(email), tokenHash, expiresAt })
  return { tokenHash, account }
})

/** Uses a reset token. Returns the hash of the new password. */
const used = Effect.fnUntraced(function* (tokenHash: string, at: Date) {
  const passwordHash = yield* newWord
  yield* AccountStore.use((store) => store.useReset({ tokenHash, passwordHash, at }))
  return passwordHash
})

/** Checks that a reset token is not accepted. */
const isNoReset = Effect.fnUntraced(function* (tokenHash: string, at: Date) {
  const store = yield* AccountStore
  yield* same(yield* store.isResetValid(tokenHash, at), false)
  yield* refused(used(tokenHash, at), new InvalidResetToken())
})

/** Laws of reset tokens. */
export const resetLaws: ReadonlyArray<Law> = [
  law(
    "a reset token sets the password once, and ends all sessions of its account only [L8]",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const [person, somebody] = [yield* registered, yield* registered]
      const { at } = yield* newAttribution
      const [token, others] = [yield* logIn(person, at), yield* logIn(somebody, at)]
      const { account, tokenHash } = yield* requested(person.account, at)
      yield* same(account, Option.some(person.account))
      yield* isNoReset(yield* newWord, at)
      yield* same(yield* store.isResetValid(tokenHash, at), true)
      const going = (yield* next(token, at)).to

      const passwordHash = yield* used(tokenHash, at)
      yield* same(
        yield* store.credentialsOf(person.account.id),
        Option.some({ account: person.account, passwordHash, disabled: false })
      )
      yield* isRejected(going, at)
      yield* isNoReset(tokenHash, at)
      yield* next(yield* logIn({ ...person, passwordHash }, at), at)
      yield* same(
        yield* store.credentialsOf(somebody.account.id),
        Option.some({ ...somebody, disabled: false })
      )
      yield* next(others, at)
    })
  ),

  law(
    "a reset token is refused from its expiry on, and after a newer one and a change of the password [L8]",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const { at } = yield* newAttribution
      const { account, passwordHash: from } = yield* registered
      const first = yield* requested(account, at)
      yield* isNoReset(first.tokenHash, later(at, hour))
      const second = yield* requested(account, at)
      yield* isNoReset(first.tokenHash, at)
      yield* same(yield* store.isResetValid(second.tokenHash, later(at, hour - 1)), true)
      const renewed = yield* newWord
      yield* store.renewHash({ accountId: account.id, from, to: renewed })
      yield* same(yield* store.isResetValid(second.tokenHash, at), true)
      yield* store.changePassword({ accountId: account.id, from: renewed, to: yield* newWord, at })
      yield* isNoReset(second.tokenHash, at)
    })
  ),

  law(
    "a disabled account gets no reset token, and loses the one that it has [L8]",
    Effect.gen(function* () {
      const store = yield* AccountStore
      yield* spareAdmin
      const { at } = yield* newAttribution
      const { account } = yield* registered
      const { tokenHash } = yield* requested(account, at)
      yield* store.disable(account.id, at)
      yield* isNoReset(tokenHash, at)
      const refusedOne = yield* requested(account, at)
      yield* same(refusedOne.account, Option.none())
      yield* store.enable(account.id)
      for (const token of [tokenHash, refusedOne.tokenHash]) yield* isNoReset(token, at)
      const unknown = { ...account, email: `${yield* newWord}@example.com` }
      yield* same((yield* requested(unknown, at)).account, Option.none())
    })
  ),

  law(
    "ten concurrent uses of one reset token: one sets the password and nine are refused [L8]",
    Effect.gen(function* () {
      const store = yield* AccountStore
      const { at } = yield* newAttribution
      const { account } = yield* registered
      const { tokenHash } = yield* requested(account, at)
      const [hashes, refusals] = yield* concurrently(Array.from({ length: 10 }, () => used(tokenHash, at)))
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => new InvalidResetToken())
      )
      const known = yield* store.credentialsOf(account.id)
      yield* same(hashes, Option.toArray(Option.map(known, ({ passwordHash }) => passwordHash)))
    })
  ),

  law(
    "no session that is opened during a reset of the password survives it [L8]",
    Effect.gen(function* () {
      const { at } = yield* newAttribution
      for (let round = 0; round < 10; round++) {
        const person = yield* registered
        const { tokenHash } = yield* requested(person.account, at)
        const logins = Array.from({ length: 6 }, () => Effect.result(logIn(person, at)))
        const reset = Effect.as(used(tokenHash, at), undefined)
        const [opened] = yield* concurrently<
          Effect.Success<(typeof logins)[number]> | undefined,
          unknown,
          AccountStore | SessionStore
        >([...logins.slice(0, 3), reset, ...logins.slice(3)])
        for (const login of opened) {
          if (login !== undefined && Result.isSuccess(login)) yield* isRejected(login.success, at)
        }
      }
    })
  )
]
