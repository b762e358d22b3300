import { describe, it } from "@effect/vitest"
import { Arbitrary, Option, Result, Schema } from "effect"
import { expect } from "vitest"
import { schemaOf } from "../../../src/adapters/postgres/shops/ShopSchemas.ts"
import { ShopName } from "../../../src/domain/shops/ShopName.ts"
import { schemaName } from "../../../src/settings/DatabaseSettings.ts"

const decode = Schema.decodeUnknownResult(ShopName)
const decodeOption = Schema.decodeUnknownOption(ShopName)

/** Texts of a few characters, so that many differ by a hyphen alone. */
const part = Arbitrary.schema(Schema.Literals(["a", "b", "-", "1", "_", "A", "."]))
const text = Arbitrary.map(Arbitrary.array(part, { maxLength: 8 }), (parts) => parts.join(""))

describe("the name of a shop", () => {
  it.each(["a", "acme", "a-b", "a--b", "x1", "xn--abc", "a".repeat(40)])("may be %s", (name) => {
    expect(Result.isSuccess(decode(name))).toBe(true)
  })

  it.each(["", "A", "-a", "a-", "1a", "a_b", "a.b", "a b", 'a"', "ä", "a\n", "a".repeat(41), 1, null, {}])(
    "is not %j",
    (name) => {
      expect(Result.isFailure(decode(name))).toBe(true)
    }
  )

  it.prop(
    "is a DNS label, and names a schema that no other name has",
    { one: text, other: text },
    (given) => {
      const names = [given.one, given.other].flatMap((name) => Option.toArray(decodeOption(name)))
      for (const name of names) {
        expect(name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
        expect(schemaOf("commerce", name)).toMatch(schemaName)
      }
      const schemas = names.map((name) => schemaOf("commerce", name))
      expect(new Set(schemas).size).toBe(new Set(names).size)
    }
  )
})
