import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { currencyCodes, minorUnitDigits } from "../../../src/domain/shared/Currencies.ts"
import { StoredMoney } from "../../../src/domain/shared/Money.ts"
import { accepts } from "../support.ts"

describe("the currencies of ISO 4217", () => {
  it("are 178 codes of three letters, each once and sorted", () => {
    strictEqual(currencyCodes.length, 178)
    deepStrictEqual(currencyCodes, [...new Set(currencyCodes)].sort())
    assertTrue(currencyCodes.every((code) => /^[A-Z]{3}$/.test(code)))
  })

  it.each([
    ["EUR", 2],
    ["HUF", 2],
    ["IDR", 2],
    ["LBP", 2],
    ["UYU", 2],
    ["VED", 2],
    ["JPY", 0],
    ["UYI", 0],
    ["XDR", 0],
    ["IQD", 3],
    ["KWD", 3],
    ["CLF", 4],
    ["UYW", 4]
  ])("%s has %d digits after the point", (code, digits) => {
    strictEqual(minorUnitDigits(code), digits)
  })

  it("have no digits for a code that the list does not have", () => {
    strictEqual(minorUnitDigits("ZZZ"), undefined)
    strictEqual(minorUnitDigits("eur"), undefined)
  })

  it("are not asked about an amount that is stored", () => {
    assertTrue(accepts(StoredMoney, { amount: 1, currency: "HRK" }))
    assertFalse(accepts(StoredMoney, { amount: 1, currency: "hrk" }))
  })
})
