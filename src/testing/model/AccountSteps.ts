import { Arbitrary, Effect } from "effect"
import { Accounts } from "../../services/Accounts.ts"
import { mostly, step } from "./Step.ts"
import { learn } from "./World.ts"

const person = Arbitrary.all({
  email: mostly(
    ["ann@shop.test", "Ann@Shop.TEST", "bob@shop.test", "été@shop.test", "ÉTÉ@shop.test"],
    ["nobody"]
  ),
  password: mostly(["correct horse", "correct horse", "other horse"], ["short"])
})

export const accountSteps = {
  register: step(person, (input, world) =>
    Effect.tap(
      Accounts.use((accounts) => accounts.register(input)),
      ({ id }) => Effect.sync(() => learn(world, "account", id))
    )
  ),

  "make an admin": step(person, (input, world) =>
    Effect.tap(
      Accounts.use((accounts) => accounts.createAdmin(input)),
      ({ id }) => Effect.sync(() => learn(world, "account", id))
    )
  ),

  "ensure an admin": step(person, (input) => Accounts.use((accounts) => accounts.ensureAdmin(input))),

  "log in": step(person, (input) =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const { accessToken, tokenType, expiresIn } = yield* accounts.login(input)
      const claims = yield* accounts.authenticate(accessToken)
      return { tokenType, expiresIn, claims, account: yield* accounts.get(claims.id) }
    })
  )
}
