import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Statement } from "effect/sql"
import { laws } from "../../src/testing/contract/index.ts"
import { checkWithSeed, onProcessTime } from "../support/contract.ts"
import { freshStores } from "../support/postgres.ts"
import { oneLawPerStatement } from "./statements.ts"

/** The text of each statement, and the laws that have sent it; what makes the database is of no law. */
const senders = new Map<string, Set<string>>()
let current = ""

const listening = Layer.succeed(Statement.CurrentTransformer, (statement) =>
  Effect.sync(() => {
    const [text] = statement.compile()
    if (current !== "") senders.set(text, (senders.get(text) ?? new Set()).add(current))
    return statement
  })
)

layer(onProcessTime(Layer.provideMerge(freshStores, listening)), { excludeTestServices: true })(
  "PostgreSQL",
  (it) => {
    for (const { name, check } of laws) {
      it.effect(name, () => {
        current = name
        return checkWithSeed(check)
      })
    }

    it.effect("is sent every statement by the laws that are picked for that", () =>
      Effect.sync(() => {
        const picked = oneLawPerStatement.map(({ name }) => name)
        const missing = [...senders].filter(([, by]) => !picked.some((name) => by.has(name)))
        assert.deepStrictEqual(missing, [])
        assert.isAbove(senders.size, 100)
      })
    )
  }
)
