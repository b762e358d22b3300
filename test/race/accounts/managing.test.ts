import { assert, describe } from "@effect/vitest"
import { Effect, Result } from "effect"
import { answers, atOnce, newName, openShop, race, type TestShop, tally, times } from "../support.ts"

const password = "correct horse"

const newEmail = (what: string) => `${newName(what)}@example.com`.replaceAll(" ", "-")

const registered = Effect.fnUntraced(function* ({ accounts }: TestShop) {
  const credentials = { email: newEmail("somebody"), password }
  const { id } = yield* accounts.register(credentials)
  return { id, credentials }
})

const requested = ({ accounts }: TestShop, email: string) =>
  Effect.flatMap(accounts.requestPasswordReset({ email }), (reset) =>
    reset === null ? Effect.die(new Error("There is no account")) : Effect.succeed(reset.token)
  )

const isRefused = ({ accounts }: TestShop, refreshToken: string) =>
  Effect.map(Effect.result(accounts.refresh(refreshToken)), (result) =>
    assert.deepStrictEqual(tally([result]), { InvalidRefreshToken: 1 })
  )

describe("accounts that are managed at once", () => {
  race("of fifty who use one reset token on two servers, one sets the password [L8]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const { credentials } = yield* registered(shop)
      const token = yield* requested(shop, credentials.email)
      const tries = yield* atOnce(
        times(50).map((n) =>
          (n % 2 === 0 ? shop : other).accounts.resetPassword({ token, newPassword: `new password ${n}` })
        )
      )
      assert.deepStrictEqual(tally(tries), { done: 1, InvalidResetToken: 49 })
      const logins = yield* atOnce(
        times(50).map((n) => other.accounts.login({ ...credentials, password: `new password ${n}` }))
      )
      assert.deepStrictEqual(logins.map(Result.isSuccess), tries.map(Result.isSuccess))
    })
  )

  race("no session that is opened with the old password outlives its reset: 20 tries [L8]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      for (const n of times(20)) {
        const { credentials } = yield* registered(shop)
        const { refreshToken } = yield* other.accounts.login(credentials)
        const token = yield* requested(shop, credentials.email)
        const [reset, refreshed, ...logins] = yield* atOnce<unknown, { readonly _tag: string }, never>([
          shop.accounts.resetPassword({ token, newPassword: `another password ${n}` }),
          other.accounts.refresh(refreshToken),
          ...times(5).map(() => other.accounts.login(credentials))
        ])
        assert.isTrue(reset !== undefined && Result.isSuccess(reset))
        for (const tokens of answers([...(refreshed === undefined ? [] : [refreshed]), ...logins])) {
          yield* isRefused(shop, (tokens as { readonly refreshToken: string }).refreshToken)
        }
      }
    })
  )

  race("no reset token is good after its account was disabled, whatever came first: 20 tries [L8]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      for (const n of times(20)) {
        const { id, credentials } = yield* registered(shop)
        const first = yield* requested(shop, credentials.email)
        const newPassword = `another password ${n}`
        const [disabled, , asked] = yield* atOnce<unknown, { readonly _tag: string }, never>([
          shop.accounts.disable(id),
          other.accounts.resetPassword({ token: first, newPassword }),
          other.accounts.requestPasswordReset({ email: credentials.email })
        ])
        assert.isTrue(disabled !== undefined && Result.isSuccess(disabled))
        yield* shop.accounts.enable(id)
        const second = answers(asked === undefined ? [] : [asked])[0] as { readonly token: string } | null
        for (const token of [first, ...(second === null ? [] : [second.token])]) {
          const again = yield* Effect.result(shop.accounts.resetPassword({ token, newPassword }))
          assert.deepStrictEqual(tally([again]), { InvalidResetToken: 1 })
        }
      }
    })
  )

  race("of two admins who disable each other one stays: 20 tries [L10]", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const admins = [newEmail("boss"), newEmail("boss")].map((email) => ({ email, password }))
      const [one, two] = [
        yield* shop.accounts.createAdmin(admins[0] ?? { email: "", password }),
        yield* shop.accounts.createAdmin(admins[1] ?? { email: "", password })
      ]
      for (const _ of times(20)) {
        const tries = yield* atOnce([
          shop.accounts.disable(two.id, { actor: one.id }),
          other.accounts.disable(one.id, { actor: two.id })
        ])
        assert.deepStrictEqual(tally(tries), { done: 1, DisableRefused: 1 })
        for (const { id } of answers(tries)) yield* shop.accounts.enable(id)
      }
    })
  )

  race(
    "a service token that is revoked on one server is refused by the next request on another [L9]",
    (shop) =>
      Effect.gen(function* () {
        const other = yield* openShop(shop.url)
        for (const n of times(20)) {
          const { id, name, token } = yield* shop.serviceTokens.create({ name: `service ${n}` })
          const { authenticate } = other.serviceTokens
          assert.deepStrictEqual(yield* authenticate(token), { id: `service:${name}`, role: "service" })
          const [revoked] = yield* atOnce<unknown, { readonly _tag: string }, never>([
            shop.serviceTokens.revoke(id),
            ...times(5).map(() => authenticate(token))
          ])
          assert.isTrue(revoked !== undefined && Result.isSuccess(revoked))
          assert.deepStrictEqual(tally([yield* Effect.result(authenticate(token))]), { Unauthenticated: 1 })
        }
      })
  )
})
