import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { suites } from "../../src/testing/contract/index.ts"
import { run } from "../examples/support.ts"
import { hostileHostDatabase } from "../support/hostile.ts"
import { emptyDatabase, hostDatabase } from "../support/postgres.ts"
import { oneLawPerStatement } from "./statements.ts"

const ofTheFeed = new Set(suites.feed)

/** What a program prints that Bun runs on a database. */
const printed = (program: string, database: typeof hostDatabase) =>
  Effect.gen(function* () {
    const env = { DATABASE_URL: Redacted.value(yield* database) }
    const args = ["--conditions=effect-commerce-source", program]
    return yield* Effect.promise(() => run("node_modules/.bin/bun", args, env))
  }).pipe(Effect.scoped)

describe("inside a transaction of Bun.SQL", () => {
  for (const [name, database] of Object.entries({ usual: hostDatabase, hostile: hostileHostDatabase })) {
    it.live(`a law for each statement holds in Bun, and all with ALL_LAWS=1, with ${name} settings`, () =>
      Effect.gen(function* () {
        const { checked, broken } = JSON.parse(yield* printed("test/fixtures/bun/laws.ts", database))
        assert.deepStrictEqual(broken, [])
        assert.isAtLeast(Number(checked), oneLawPerStatement.filter((law) => !ofTheFeed.has(law)).length)
      })
    )
  }

  it.live("a shop commits and rolls back with its host, and tells it what is wrong", () =>
    Effect.gen(function* () {
      const { readOnly, ...told } = JSON.parse(yield* printed("test/fixtures/bun/shop.ts", emptyDatabase))
      assert.match(String(readOnly), /transaction of the caller is READ ONLY/)
      assert.deepStrictEqual(told, {
        refusals: ["InsufficientStock", "OrderNotFound", "CategoryNameTaken"],
        committed: { same: true, status: "PAID", stock: 3 },
        rolledBack: { reason: "Error: the host gives up", stock: 3, diary: 1 },
        isThrown: true,
        lost: "StoreUnavailable",
        stock: 3,
        ok: true
      })
    })
  )

  it.live("the program of the guide runs", () =>
    Effect.map(printed("examples/hosts/bun-sql.ts", emptyDatabase), (text) => assert.strictEqual(text, ""))
  )
})
