import { assert, describe } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import * as Postgres from "../../../src/adapters/postgres/index.ts"
import { SessionStore } from "../../../src/ports/SessionStore.ts"
import { answers, atOnce, newName, openShop, race, type TestShop, tally, times } from "../support.ts"

const password = "correct horse"

const registered = Effect.fnUntraced(function* ({ accounts }: TestShop) {
  const email = `${newName("somebody")}@example.com`.replaceAll(" ", "-")
  const credentials = { email, password }
  const { id } = yield* accounts.register(credentials)
  return { id, credentials }
})

/** What becomes of a token that is used now. */
const refreshed = ({ accounts }: TestShop, token: string) =>
  Effect.map(Effect.result(accounts.refresh(token)), (result) => tally([result]))

const refused = { InvalidRefreshToken: 1 }

/** Nothing else went wrong than that it was refused for one of these reasons. */
const failedOnlyBy = (
  results: ReadonlyArray<Result.Result<unknown, { readonly _tag: string }>>,
  ...tags: ReadonlyArray<string>
) => assert.includeMembers(["done", ...tags], Object.keys(tally(results)))

describe("sessions at once", () => {
  race(
    "of many who use one refresh token on two servers, one gets the next, and the session ends: 30 tries [L1]",
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url)
        const person = yield* registered(shop)
        for (const _ of times(30)) {
          const { refreshToken } = yield* shop.accounts.login(person.credentials)
          const tries = yield* atOnce(
            times(8).map((n) => (n % 2 === 0 ? shop : other).accounts.refresh(refreshToken))
          )
          assert.deepStrictEqual(tally(tries), { done: 1, InvalidRefreshToken: 7 })
          for (const next of answers(tries)) {
            assert.deepStrictEqual(yield* refreshed(other, next.refreshToken), refused)
          }
        }
      })
  )

  race("no session that is opened with the old password outlives its change: 20 tries [L3]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      for (const n of times(20)) {
        const person = yield* registered(shop)
        const change = {
          accountId: person.id,
          currentPassword: password,
          newPassword: `another password ${n}`
        }
        const [changed, ...logins] = yield* atOnce<unknown, { readonly _tag: string }, never>([
          shop.accounts.changePassword(change),
          ...times(6).map((n) => (n % 2 === 0 ? shop : other).accounts.login(person.credentials))
        ])
        assert.isTrue(changed !== undefined && Result.isSuccess(changed))
        failedOnlyBy(logins, "InvalidCredentials")
        for (const tokens of answers(logins)) {
          const { refreshToken } = tokens as { readonly refreshToken: string }
          assert.deepStrictEqual(yield* refreshed(shop, refreshToken), refused)
        }
      }
    })
  )

  race("two concurrent password changes: one succeeds, and the other is refused", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const person = yield* registered(shop)
      const change = (newPassword: string) => ({
        accountId: person.id,
        currentPassword: password,
        newPassword
      })
      const changes = yield* atOnce([
        shop.accounts.changePassword(change("the first of two")),
        other.accounts.changePassword(change("the second of two"))
      ])
      assert.deepStrictEqual(tally(changes), { done: 1, WrongPassword: 1 })
      const logins = yield* atOnce(
        ["the first of two", "the second of two", password].map((password) =>
          shop.accounts.login({ ...person.credentials, password })
        )
      )
      assert.deepStrictEqual(logins.map(Result.isSuccess), [...changes.map(Result.isSuccess), false])
    })
  )

  race(
    "no account that is disabled while it logs in and refreshes has a session afterwards: 20 tries [L4]",
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url)
        for (const _ of times(20)) {
          const person = yield* registered(shop)
          const { refreshToken } = yield* other.accounts.login(person.credentials)
          const [disabled, ...tries] = yield* atOnce<unknown, { readonly _tag: string }, never>([
            shop.accounts.disable(person.id),
            other.accounts.refresh(refreshToken),
            ...times(4).map(() => other.accounts.login(person.credentials))
          ])
          assert.isTrue(disabled !== undefined && Result.isSuccess(disabled))
          failedOnlyBy(tries, "InvalidCredentials", "InvalidRefreshToken")
          yield* shop.accounts.enable(person.id)
          for (const tokens of answers(tries)) {
            const { refreshToken } = tokens as { readonly refreshToken: string }
            assert.deepStrictEqual(yield* refreshed(shop, refreshToken), refused)
          }
        }
      })
  )

  race("processes that forget old sessions at once forget each token once, and none that is good", (shop) =>
    Effect.gen(function* () {
      const person = yield* registered(shop)
      for (const _ of times(60)) {
        const { refreshToken } = yield* shop.accounts.login(person.credentials)
        yield* shop.accounts.refresh(refreshToken)
      }
      yield* shop.accounts.logoutEverywhere(person.id)
      const { refreshToken } = yield* shop.accounts.login(person.credentials)
      const sweep = Effect.gen(function* () {
        const sessions = yield* SessionStore
        let pruned = 0
        for (let more = -1; more !== 0; pruned += more) {
          more = yield* sessions.prune(new Date(Date.now() + 1000), 7, new Date())
        }
        return pruned
      }).pipe(
        Effect.provide(Layer.provide(Postgres.layer(), Postgres.layerClient({ url: shop.url, pool: 1 })))
      )
      const sweeps = yield* Effect.all([sweep, sweep, sweep, sweep], { concurrency: "unbounded" })
      const later = yield* sweep
      assert.strictEqual(
        sweeps.reduce((sum, pruned) => sum + pruned, later),
        120
      )
      const left = yield* shop.sql`SELECT id FROM commerce.sessions`
      assert.lengthOf(left, 1)
      assert.deepStrictEqual(yield* refreshed(shop, refreshToken), { done: 1 })
    })
  )
})
