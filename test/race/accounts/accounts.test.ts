import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { runFixture } from "../Processes.ts"
import { answers, atOnce, openShop, race, tally, times } from "../support.ts"

const password = "correct horse"

describe("accounts at once", () => {
  race("of twenty who register one email at once, whatever its case, one gets it", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      const registered = yield* atOnce(
        times(20).map((n) => {
          const email = n % 3 === 0 ? "ADA@example.com" : "ada@Example.com"
          return (n % 2 === 0 ? shop : other).accounts.register({ email, password: `${password} ${n}` })
        })
      )
      assert.deepStrictEqual(tally(registered), { done: 1, EmailTaken: 19 })
      const logins = yield* atOnce(
        times(20).map((n) => shop.accounts.login({ email: "ada@example.com", password: `${password} ${n}` }))
      )
      assert.deepStrictEqual(tally(logins), { done: 1, InvalidCredentials: 19 })
    })
  )

  race("of many in one process that make the same admin, one makes it and all go on", (shop) =>
    Effect.gen(function* () {
      const made = yield* atOnce(
        times(12).map(() => shop.accounts.ensureAdmin({ email: "boss@example.com", password }))
      )
      assert.deepStrictEqual(tally(made), { done: 12 })
      assert.lengthOf(
        answers(made).filter(({ created }) => created),
        1
      )
    })
  )

  race("of processes that start at once and make the same admin, one makes it and all go on", (shop) =>
    Effect.gen(function* () {
      const processes = yield* Effect.forEach(times(3), () => runFixture("race-ensure-admin.ts", shop.url), {
        concurrency: "unbounded"
      })
      for (const { nextLine } of processes) assert.strictEqual(yield* nextLine, "ready")
      for (const { tell } of processes) yield* tell("go")
      const said = yield* Effect.forEach(processes, ({ nextLine }) => nextLine)
      assert.deepStrictEqual(said.sort(), ["created", "found", "found"])
    })
  )

  race("an email that a customer takes while an admin is made belongs to one of them", (shop) =>
    Effect.gen(function* () {
      const other = yield* openShop(shop.url)
      for (const n of times(20)) {
        const input = { email: `someone${n}@example.com`, password }
        const [registered, ensured] = yield* atOnce<unknown, { readonly _tag: string }, never>([
          shop.accounts.register(input),
          other.accounts.ensureAdmin(input)
        ])
        assert.deepStrictEqual(tally([registered, ensured].filter((one) => one !== undefined)), {
          done: 1,
          EmailTaken: 1
        })
      }
    })
  )
})
