import { assert, it } from "@effect/vitest"
import { withQuestionMarks } from "../../../../src/adapters/postgres/host-transaction/Placeholders.ts"

it("has question marks for parameters, in the order of the statement, and escapes those of operators", () => {
  assert.deepStrictEqual(
    withQuestionMarks("SELECT $2::text, $10, $1 WHERE metadata ? 'a' AND $2 IS NULL", [
      ...["1", null, "3", "4", "5", "6", "7", "8", "9", true]
    ]),
    {
      text: "SELECT ?::text, ?, ? WHERE metadata \\? 'a' AND ? IS NULL",
      values: [null, true, "1", null]
    }
  )
})
