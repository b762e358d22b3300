import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { listener } from "./Explain.ts"
import { fill } from "./Large.ts"
import { openLargeShop, questions } from "./Questions.ts"

const rows = 100_000

/** Tables that stay small: reading all of them is the right plan. */
const small = ["categories", "feed_epochs"]

it.live(
  "every query uses an index, however large the shop has become, and every index is used [B1]",
  () =>
    Effect.gen(function* () {
      const { heard, plansOf } = listener()
      const { sql, services } = yield* heard(openLargeShop)
      yield* fill(sql, rows)

      const used = new Set<string>()
      for (const [question, ask] of Object.entries(questions(services))) {
        const plans = yield* plansOf(sql, heard(ask))
        assert.isNotEmpty(plans, question)
        for (const { text, scans } of plans) {
          const sequential = scans.filter(
            ({ how, table = "" }) => how === "Seq Scan" && !small.includes(table)
          )
          assert.deepStrictEqual(sequential, [], `${question}: ${text}`)
          if (/^the (summary|sales)/.test(question)) {
            assert.include(
              scans.map(({ how }) => how),
              "Index Only Scan",
              question
            )
          }
          for (const { index } of scans) if (index !== undefined) used.add(index)
        }
      }

      const indexes = yield* sql<{ name: string }>`
        SELECT i.indexrelid::regclass::text AS name
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE c.relnamespace = 'commerce'::regnamespace AND NOT i.indisunique`
      const idle = indexes.map(({ name }) => name.replace("commerce.", "")).filter((name) => !used.has(name))
      assert.deepStrictEqual(idle, [], "indexes that no question uses")
    }),
  300_000
)
