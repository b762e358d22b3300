import { Effect, Result } from "effect"
import type { Account } from "../../../domain/accounts/Account.ts"
import { InvalidCredentials } from "../../../domain/accounts/Account.ts"
import { InvalidRefreshToken } from "../../../domain/accounts/Session.ts"
import { SessionId } from "../../../domain/shared/Ids.ts"
import { AccountStore } from "../../../ports/AccountStore.ts"
import { SessionStore } from "../../../ports/SessionStore.ts"
import { newAttribution, newId, newNoon, newWord } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { newAccount } from "./Accounts.ts"

const day = 86_400_000
/** Returns a time some milliseconds later. */
export const later = (time: Date, millis: number) => new Date(time.getTime() + millis)

/** Registers a new account. */
export const registered = Effect.gen(function* () {
  const store = yield* AccountStore
  const [account, passwordHash] = [yield* newAccount, yield* newWord]
  yield* store.add(account, passwordHash)
  return { account, passwordHash }
})

/** Returns a session of one day that is not in the store. */
export const newSession = Effect.fnUntraced(function* ({ id: accountId }: Account, createdAt: Date) {
  const [id, tokenHash] = [yield* newId(SessionId), yield* newWord]
  return { id, accountId, tokenHash, createdAt, expiresAt: later(createdAt, day) }
})

/** Opens a session. Returns its first refresh token. */
export const logIn = Effect.fnUntraced(function* (
  { account, passwordHash }: { readonly account: Account; readonly passwordHash: string },
  at: Date
) {
  const session = yield* newSession(account, at)
  yield* SessionStore.use((store) => store.open(session, passwordHash))
  return session.tokenHash
})

/** Exchanges a refresh token. Returns the next one. */
export const next = Effect.fnUntraced(function* (from: string, at: Date) {
  const to = yield* newWord
  const account = yield* SessionStore.use((store) => store.refresh({ from, to, at }))
  return { to, account }
})

/** Checks that a token is not accepted. */
export const isRejected = (token: string, at: Date) => refused(next(token, at), new InvalidRefreshToken())

export const sessionLaws: ReadonlyArray<Law> = [
  law(
    "a session is refreshed with one token after the other until it expires",
    Effect.gen(function* () {
      const person = yield* registered
      const { at } = yield* newAttribution
      let token = yield* logIn(person, at)
      for (let hours = 1; hours < 24; hours += 5) {
        const refreshed = yield* next(token, later(at, hours * 3_600_000))
        yield* same(refreshed.account, person.account)
        token = refreshed.to
      }
      token = (yield* next(token, later(at, day - 1))).to
      yield* isRejected(token, later(at, day))
      yield* isRejected(yield* newWord, at)
    })
  ),

  law(
    "reuse of a refresh token ends its session only [L1]",
    Effect.gen(function* () {
      const person = yield* registered
      const { at } = yield* newAttribution
      for (const age of [0, 1, 2]) {
        const other = yield* logIn(person, at)
        const tokens = [yield* logIn(person, at)]
        for (let n = 0; n < 3; n++) tokens.unshift((yield* next(tokens[0] ?? "", at)).to)
        yield* isRejected(tokens[age + 1] ?? "", at)
        for (const token of tokens) yield* isRejected(token, at)
        yield* next(other, at)
      }
    })
  ),

  law(
    "ten concurrent uses of one refresh token: one gets a new token, and the session ends",
    Effect.gen(function* () {
      const { at } = yield* newAttribution
      const token = yield* logIn(yield* registered, at)
      const [answers, refusals] = yield* concurrently(Array.from({ length: 10 }, () => next(token, at)))
      yield* same(answers.length, 1)
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => new InvalidRefreshToken())
      )
      for (const { to } of answers) yield* isRejected(to, at)
    })
  ),

  law(
    "any refresh token of a session ends this session only [L2]",
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const person = yield* registered
      const { at } = yield* newAttribution
      for (const which of ["newest", "used"] as const) {
        const [first, other] = [yield* logIn(person, at), yield* logIn(person, at)]
        const newest = (yield* next(first, at)).to
        yield* sessions.end(yield* newWord, at)
        yield* sessions.end(which === "newest" ? newest : first, at)
        yield* isRejected(newest, at)
        yield* sessions.end(newest, later(at, 1))
        yield* next(other, at)
      }
    })
  ),

  law(
    "all sessions of one account end together, without those of other accounts [L2]",
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const [person, somebody] = [yield* registered, yield* registered]
      const { at } = yield* newAttribution
      const tokens = yield* Effect.replicateEffect(logIn(person, at), 3)
      const others = yield* logIn(somebody, at)
      yield* sessions.endAll(person.account.id, at)
      for (const token of tokens) yield* isRejected(token, at)
      yield* next(others, at)
      yield* next(yield* logIn(person, at), at)
    })
  ),

  law(
    "a session is opened only with the current password hash of the account",
    Effect.gen(function* () {
      const [person, nobody] = [yield* registered, yield* newAccount]
      const { at } = yield* newAttribution
      const passwordHash = yield* newWord
      for (const account of [person.account, nobody]) {
        yield* refused(logIn({ account, passwordHash }, at), new InvalidCredentials())
      }
    })
  ),

  law(
    "ended sessions are deleted in batches of tokens, and active sessions are kept",
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const person = yield* registered
      const noon = new Date(yield* newNoon(1910, 1990))
      const [ended, going] = [yield* logIn(person, noon), yield* logIn(person, noon)]
      const expired = yield* logIn(person, later(noon, -day - 1))
      const last = (yield* next(expired, later(noon, -day))).to
      yield* sessions.end(ended, later(noon, -1))
      const pruned: Array<number> = []
      for (let n = 0; n < 3; n++) pruned.push(yield* sessions.prune(noon, 2, noon))
      yield* same(pruned, [2, 1, 0])
      for (const token of [ended, expired, last]) yield* isRejected(token, later(noon, -1))
      const { to } = yield* next(going, noon)
      yield* sessions.end(to, noon)
      yield* same(yield* sessions.prune(noon, 10, noon), 0)
      yield* same(yield* sessions.prune(later(noon, 1), 10, later(noon, 1)), 2)
    })
  ),

  law(
    "no session that is opened during a password change survives it",
    Effect.gen(function* () {
      const accounts = yield* AccountStore
      const { at } = yield* newAttribution
      for (let round = 0; round < 10; round++) {
        const { account, passwordHash: from } = yield* registered
        const to = yield* newWord
        const changed = accounts.changePassword({ accountId: account.id, from, to, at })
        const logins = Array.from({ length: 6 }, () =>
          Effect.result(logIn({ account, passwordHash: from }, at))
        )
        const [opened] = yield* concurrently([
          ...logins.slice(0, 3),
          Effect.as(changed, undefined),
          ...logins.slice(3)
        ])
        for (const login of opened) {
          if (login !== undefined && Result.isSuccess(login)) yield* isRejected(login.success, at)
        }
      }
    })
  )
]
