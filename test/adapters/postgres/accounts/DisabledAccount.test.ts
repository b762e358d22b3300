import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Accounts } from "../../../../src/services/Accounts.ts"
import { hostOn } from "../../../support/host.ts"
import { freshClient } from "../../../support/postgres.ts"

layer(hostOn(freshClient), { excludeTestServices: true })("an account that was disabled by hand", (it) => {
  it.effect("cannot log in and is not found, and keeps its email", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const person = { email: "a@example.com", password: "password" }
      const { id } = yield* accounts.register(person)
      yield* accounts.login(person)
      yield* SqlClient.SqlClient.use((sql) => sql`UPDATE commerce.accounts SET disabled_at = now()`)
      const refusals = yield* Effect.all([
        Effect.flip(accounts.login(person)),
        Effect.flip(accounts.get(id)),
        Effect.flip(accounts.register(person))
      ])
      assert.deepStrictEqual(
        refusals.map(({ _tag }) => _tag),
        ["InvalidCredentials", "Unauthenticated", "EmailTaken"]
      )
    })
  )
})
