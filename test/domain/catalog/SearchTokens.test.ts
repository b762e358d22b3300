import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { Arbitrary } from "effect"
import { indexTokens, searchConditions, searchTokens } from "../../../src/domain/catalog/SearchTokens.ts"
import { pick, text } from "../../../src/testing/Generators.ts"

describe("the words of a text", () => {
  const spoken = pick([
    ["red", "red"],
    ["BLUE", "blue"],
    ["ÉTÉ", "ete"],
    ["e\u0301te\u0301", "ete"],
    ["ｅｔｅ", "ete"],
    ["Łódź", "lodz"],
    ["Й", "и"],
    ["ガ", "ガ"],
    ["ｶﾞ", "ガ"],
    ["漢字", "漢字"],
    ["X1", "x1"],
    ["ΟΔΟΣ", "οδοσ"],
    ["GROẞE", "grosse"],
    ["İZMİR", "izmir"],
    ["🛒", "🛒"]
  ])
  const gap = pick([
    ...[" ", "-", "\t", ", ", "…", "\u00a0", "_/", "\u2028", "(“", "\u200b"],
    ...["+", "++ ", " $", "=", "|", "&", "^", "™ ", "°", "→", "\u{1f3fd}"]
  ])

  it.prop(
    "are what stands between white space, punctuation, symbols and control characters, each once",
    { parts: Arbitrary.array(Arbitrary.all([spoken, gap])), first: gap },
    ({ parts, first }) => {
      const said = first + parts.map(([[word], gap]) => word + gap).join("")
      deepStrictEqual(searchTokens(said), [...new Set(parts.map(([[, heard]]) => heard))])
    }
  )

  it.prop("are their own words", { text: text(60) }, ({ text }) => {
    deepStrictEqual(searchTokens(searchTokens(text).join(" ")), searchTokens(text))
  })

  it.prop(
    "are the same whatever the case, and however letters and marks are composed",
    { text: text(60) },
    ({ text }) => {
      for (const other of [text.toUpperCase(), text.toLowerCase(), text.normalize("NFD")]) {
        deepStrictEqual(searchTokens(other), searchTokens(text))
      }
    }
  )

  it("are the same for every letter whatever its case", () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      const letter = String.fromCodePoint(point)
      if (!/\p{L}/u.test(letter)) continue
      const [heard] = searchTokens(letter)
      if (
        searchTokens(letter.toUpperCase())[0] !== heard ||
        searchTokens(letter.toLowerCase())[0] !== heard
      ) {
        deepStrictEqual([letter, searchTokens(letter.toUpperCase())], [letter, searchTokens(letter)])
      }
    }
  })

  it.each([
    ["Salt+Pepper C++ $5 🎁Gift", ["salt", "pepper", "c", "5", "🎁", "gift"]],
    ["Weiß, WEISS", ["weiss"]],
    ["İstanbul ISTANBUL ısı", ["istanbul", "isi"]],
    ["Nike™ ©2026", ["nike", "2026"]],
    ["❤️Love 👍🏽 👩‍👧", ["❤", "love", "👍", "👩", "👧"]],
    ["🇩🇪🇪🇺", ["🇩🇪", "🇪🇺"]],
    ["5€ 20°C x²=1½", ["5", "20", "c", "x2", "1½"]],
    ["हिन्दी", ["हिन्दी"]]
  ])("of %s", (text, heard) => {
    deepStrictEqual(searchTokens(text), heard)
  })

  it("are joined across hyphens and apostrophes in an index, and paired in scripts without spaces", () => {
    deepStrictEqual(indexTokens("Red T-Shirt"), ["red", "t", "shirt", "tshirt"])
    deepStrictEqual(indexTokens("O’Brien's"), ["o", "brien", "s", "obriens", "briens"])
    deepStrictEqual(indexTokens("a - b"), ["a", "b"])
    deepStrictEqual(indexTokens("コーヒー豆"), ["コー", "ーヒ", "ヒー", "ー豆", "豆"])
    deepStrictEqual(indexTokens("iPhone用"), ["iphone", "用"])
  })

  it("of a query are conditions with alternatives", () => {
    deepStrictEqual(searchConditions("red t-shirt"), [[["red"]], [["t", "shirt"], ["tshirt"]]])
    deepStrictEqual(searchConditions("豆"), [[["豆"]]])
    deepStrictEqual(searchConditions("咖啡豆"), [[["咖啡", "啡豆"]]])
    deepStrictEqual(searchConditions("% €"), [])
  })

  it("make a small index of any name", () => {
    for (const long of ["a-".repeat(100), "漢".repeat(200), "ﷺ-".repeat(100), "🛒".repeat(200)]) {
      assertTrue(indexTokens(long).join(" ").length < 20_000)
      assertTrue(indexTokens(long).every((one) => Buffer.byteLength(one) <= 2046))
    }
  })

  it("are none if there is nothing to read", () => {
    for (const text of ["", " -- \t…", "+ | = $", "\u0301", "™"]) deepStrictEqual(searchTokens(text), [])
  })
})
