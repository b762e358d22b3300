import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { CategoryName, NewCategory } from "../../../src/domain/catalog/Category.ts"
import { name } from "../../../src/testing/Generators.ts"
import { accepts, faultsIn } from "../support.ts"

describe("a category", () => {
  it.prop("has a name of at most 100 code points", { name: name(120) }, ({ name }) => {
    deepStrictEqual(faultsIn(NewCategory, { name }), Array.from(name).length > 100 ? ["/name"] : [])
  })

  it("may be named with 100 characters of any kind, and not with 101", () => {
    assertTrue(accepts(CategoryName, "🛒".repeat(100)))
    assertFalse(accepts(CategoryName, "🛒".repeat(101)))
  })

  it.each(["", " ", "\t\n\u00a0"])("is never named %o", (name) => {
    deepStrictEqual(faultsIn(NewCategory, { name }), ["/name"])
  })
})
