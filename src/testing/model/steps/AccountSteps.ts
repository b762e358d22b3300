import { Arbitrary, Clock, Effect } from "effect"
import type { Tokens } from "../../../domain/accounts/Account.ts"
import { SessionStore } from "../../../ports/SessionStore.ts"
import { Accounts } from "../../../services/Accounts.ts"
import type { LoginInput } from "../../../services/inputs/Accounts.ts"
import { pick } from "../../Generators.ts"
import { find, findAgo, learn, type World } from "../World.ts"
import { mostly, step, which } from "./Step.ts"

const password = mostly(["correct horse", "correct horse", "other horse"], ["short"])

const person = Arbitrary.all({
  email: mostly(
    ["ann@shop.test", "Ann@Shop.TEST", "bob@shop.test", "été@shop.test", "ÉTÉ@shop.test"],
    ["unknown"]
  ),
  password
})

/** Selects a refresh token, most often the newest. */
const token = Arbitrary.all({ session: pick([0, 0, 0, 0, 1, 1, 2, 3, 5]) })

/** Stores the refresh token of a response, and returns its account. */
const accountOf = Effect.fnUntraced(function* (
  { accessToken, refreshToken, tokenType, expiresIn }: Tokens,
  world: World
) {
  world.refreshTokens.push(refreshToken)
  const accounts = yield* Accounts
  const claims = yield* accounts.authenticate(accessToken)
  return { tokenType, expiresIn, claims, account: yield* accounts.get(claims.id) }
})

const logIn = Effect.fnUntraced(function* (input: LoginInput, world: World) {
  const accounts = yield* Accounts
  const tokens = yield* accounts.login(input)
  return yield* accountOf(tokens, world)
})

export const accountSteps = {
  register: step(person, (input, world) =>
    Effect.tap(
      Accounts.use((accounts) => accounts.register(input)),
      ({ id }) =>
        Effect.sync(() => {
          learn(world, "account", id)
          world.people.push(input)
        })
    )
  ),

  "make an admin": step(person, (input, world) =>
    Effect.tap(
      Accounts.use((accounts) => accounts.createAdmin(input)),
      ({ id }) => Effect.sync(() => learn(world, "account", id))
    )
  ),

  "ensure an admin": step(person, (input) => Accounts.use((accounts) => accounts.ensureAdmin(input))),

  "log in": step(person, logIn),

  "log in again": step(Arbitrary.all({ person: pick([0, 0, 0, 1, 2]) }), ({ person }, world) =>
    logIn(findAgo(world.people, person) ?? { email: "unknown", password: "correct horse" }, world)
  ),

  refresh: step(token, ({ session }, world) =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const tokens = yield* accounts.refresh(findAgo(world.refreshTokens, session) ?? "no token")
      return yield* accountOf(tokens, world)
    })
  ),

  "log out": step(token, ({ session }, { refreshTokens }) =>
    Accounts.use((accounts) => accounts.logout(findAgo(refreshTokens, session) ?? "no token"))
  ),

  "log out everywhere": step(Arbitrary.all({ account: which }), ({ account }, world) =>
    Accounts.use((accounts) => accounts.logoutEverywhere(find(world, "account", account)))
  ),

  "change password": step(
    Arbitrary.all({ account: which, currentPassword: password, newPassword: password }),
    ({ account, ...passwords }, world) =>
      Accounts.use((accounts) =>
        accounts.changePassword({ ...passwords, accountId: find(world, "account", account) })
      )
  ),

  "disable account": step(Arbitrary.all({ account: which }), ({ account }, world) =>
    Accounts.use((accounts) => accounts.disable(find(world, "account", account)))
  ),

  "enable account": step(Arbitrary.all({ account: which }), ({ account }, world) =>
    Accounts.use((accounts) => accounts.enable(find(world, "account", account)))
  ),

  "forget old sessions": step(Arbitrary.all({}), () =>
    Effect.gen(function* () {
      const sessions = yield* SessionStore
      const now = new Date(yield* Clock.currentTimeMillis)
      return yield* sessions.prune(now, 1000, now)
    })
  )
}
