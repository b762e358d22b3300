import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Actor } from "../../../src/domain/shared/Attribution.ts"
import {
  byCodePoints,
  Name,
  normalizeKey,
  Prose,
  preparePassword,
  Text
} from "../../../src/domain/shared/Text.ts"
import { int, name, pick, text } from "../../../src/testing/Generators.ts"
import { accepts, faultsIn } from "../support.ts"

const insert = (text: string, at: number, what: string) => {
  const points = Array.from(text)
  return points.toSpliced(at % (points.length + 1), 0, what).join("")
}

const swapAsciiCase = (text: string) =>
  text.replace(/[a-z]/gi, (letter) =>
    letter < "a"
      ? String.fromCharCode(letter.charCodeAt(0) + 32)
      : String.fromCharCode(letter.charCodeAt(0) - 32)
  )

describe("text", () => {
  it.prop("is accepted up to its number of code points", { text: text(60) }, ({ text }) => {
    strictEqual(accepts(Text(8), text), Array.from(text).length <= 8)
  })

  it("counts a character outside the basic plane once", () => {
    assertTrue(accepts(Text(3), "🛒🛒🛒"))
    assertFalse(accepts(Text(3), "🛒🛒🛒🛒"))
  })

  it.prop("never holds U+0000", { text: text(60), at: int(0, 60) }, ({ text, at }) => {
    assertFalse(accepts(Text(100), insert(text, at, "\u0000")))
  })

  it.prop(
    "never holds a lone surrogate",
    { text: text(60), at: int(0, 60), half: pick(["\ud83d", "\udbff", "\udc00", "\udfff"]) },
    ({ text, at, half }) => {
      assertFalse(accepts(Text(100), insert(text, at, half)))
    }
  )

  it("may be empty, which a name may not", () => {
    assertTrue(accepts(Text(3), ""))
    deepStrictEqual(faultsIn(Name(3), ""), [""])
  })
})

describe("a name", () => {
  /** One line that shows something, by the properties of Unicode instead of ranges. */
  const isVisibleLine = (text: string) =>
    /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u.test(text) &&
    !/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u200b\ufeff]/u.test(text)

  it.prop("is one line with something in it that is seen", { text: text(60) }, ({ text }) => {
    strictEqual(accepts(Name(60), text), isVisibleLine(text))
  })

  it.each([
    ["U+200B zero width space", "a\u200bb"],
    ["U+FEFF byte order mark", "\ufeffa"],
    ["U+00AD soft hyphen", "a\u00adb"],
    ["U+2060 word joiner", "a\u2060b"],
    ["U+034F grapheme joiner", "a\u034fb"],
    ["U+3164 Hangul filler", "\u3164"],
    ["U+115F Hangul filler", "a\u115f"],
    ["U+FFA0 half-width filler", "\uffa0"],
    ["U+202E override", "a\u202eb"],
    ["U+2066 isolate", "a\u2066b"],
    ["U+200F mark", "a\u200f"],
    ["U+0001 control", "a\u0001"],
    ["U+007F delete", "a\u007f"],
    ["U+009F control", "a\u009f"],
    ["a tab", "a\tb"],
    ["a line break", "a\nb"],
    ["U+2028 line separator", "a\u2028b"],
    ["U+FFFF noncharacter", "a\uffff"],
    ["an invisible tag", "a\u{e0001}"],
    ["only U+2800 Braille blank", "\u2800"],
    ["only spaces", "\u00a0\u3000 "],
    ["a joiner in front", "\u200da"],
    ["a joiner at the end", "a\u200d"],
    ["a joiner before a space", "a\u200d b"],
    ["two joiners", "a\u200d\u200db"],
    ["a selector in front", "\ufe0fa"],
    ["two selectors", "a\ufe0f\ufe0f"]
  ])("has no %s", (_, text) => {
    deepStrictEqual(faultsIn(Name(60), text), [""])
  })

  it.each([
    "❤️ Mug",
    "👩‍👧",
    "🏳️‍🌈",
    "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "می\u200cخواهم",
    "क्\u200dष",
    "അവന്\u200d",
    "അവന്\u200d പാൽ",
    "葛\u{e0100}"
  ])("may be %s, with the joiners and selectors of its script", (text) => assertTrue(accepts(Name(60), text)))

  it.prop("is text in every other respect", { name: name(60) }, ({ name }) => {
    strictEqual(accepts(Name(8), name), Array.from(name).length <= 8)
    assertFalse(accepts(Name(100), `${name}\u0000`))
  })

  it("says who made a change, in at most 255 code points", () => {
    assertTrue(accepts(Actor, "warehouse 7"))
    assertTrue(accepts(Actor, "x".repeat(255)))
    assertFalse(accepts(Actor, "x".repeat(256)))
    assertFalse(accepts(Actor, " \t"))
  })
})

describe("prose", () => {
  it("may have tabs and line breaks", () => {
    assertTrue(accepts(Prose(60), "Line one\r\nLine\ttwo\n\n"))
    assertTrue(accepts(Prose(60), ""))
  })

  it.each(["\u0000", "\u0001", "\u000b", "\u001b", "\u007f", "\u0085", "\ud800"])("has no %j", (control) => {
    deepStrictEqual(faultsIn(Prose(60), `a${control}b`), [""])
  })
})

describe("a password", () => {
  it("is the same in every Unicode form, and with every space", () => {
    strictEqual(preparePassword("Passwo\u0308rd\u00a01\u30002"), "Passwörd 1 2")
  })

  it.prop("is prepared once and for all", { text: text(60) }, ({ text }) => {
    strictEqual(preparePassword(preparePassword(text)), preparePassword(text))
  })
})

describe("the key of what is unique whatever the case", () => {
  it.prop("is its own key", { text: text(60) }, ({ text }) => {
    strictEqual(normalizeKey(normalizeKey(text)), normalizeKey(text))
  })

  it.prop("does not depend on ASCII case", { text: text(60) }, ({ text }) => {
    strictEqual(normalizeKey(swapAsciiCase(text)), normalizeKey(text))
  })

  it.prop("is that of the text in lower case", { text: text(60) }, ({ text }) => {
    strictEqual(normalizeKey(text.toLowerCase()), normalizeKey(text))
  })

  it.prop("does not depend on how letters and marks are composed", { text: text(60) }, ({ text }) => {
    strictEqual(normalizeKey(text.normalize("NFD")), normalizeKey(text))
    strictEqual(normalizeKey(text).normalize("NFC"), normalizeKey(text))
  })

  it.prop(
    "does not depend on white space around the text",
    { text: text(60), before: pick(["", " ", "\t\n"]), after: pick(["", "\u00a0", "\r\n "]) },
    ({ text, before, after }) => {
      strictEqual(normalizeKey(before + text + after), normalizeKey(text))
    }
  )

  it("is one for letters whose lower case alone has a composed form", () => {
    const pairs = ["H\u0331 ẖ", "J\u030c ǰ", "T\u0308 ẗ", "W\u030a ẘ", "Y\u030a ẙ"].map((pair) =>
      pair.split(" ")
    )
    for (const [upper = "", lower = ""] of pairs) strictEqual(normalizeKey(upper), normalizeKey(lower))
  })

  it("is one for every sigma", () => {
    strictEqual(normalizeKey("ΟΔΟΣ"), normalizeKey("οδος"))
    strictEqual(normalizeKey("ΟΔΟΣ"), normalizeKey("οδοσ"))
  })

  it.each(["\u200b", "\u202e", "\u200d", "\ufe0f", "\u00ad", "\u3164", "\ufeff", "\u{e0001}"])(
    "does not depend on the invisible %j",
    (invisible) => {
      strictEqual(normalizeKey(`${invisible}a${invisible}b`), "ab")
    }
  )

  it("does not depend on the width of letters and the kind of a space", () => {
    strictEqual(normalizeKey("ＡＢ－１"), "ab-1")
    strictEqual(normalizeKey("ｶﾞ"), normalizeKey("ガ"))
    strictEqual(normalizeKey("a\u00a0b\u3000c"), "a b c")
  })

  it("tells different texts apart", () => {
    const different = ["a", "b", "ab", "a b", "a  b", "á", "ss", "ß", "1", ""]
    strictEqual(new Set(different.map(normalizeKey)).size, different.length)
  })
})

describe("the order by code points", () => {
  const edge = pick(["", "a", "\ud7ff", "\ue000", "\uffff", "🛒", "\u{10ffff}"])
  const utf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

  it.prop("is that of the bytes in UTF-8", { a: text(20), b: text(20) }, ({ a, b }) => {
    strictEqual(Math.sign(byCodePoints(a, b)), utf8(a, b))
  })

  it.prop("puts a text before all that begin with it", { a: text(20), b: text(20) }, ({ a, b }) => {
    strictEqual(Math.sign(byCodePoints(a, a + b)), b === "" ? 0 : -1)
    strictEqual(Math.sign(byCodePoints(a + b, a)), b === "" ? 0 : 1)
  })

  it.prop(
    "is decided by the first character that differs",
    { start: text(10), x: edge, y: edge },
    ({ start, x, y }) => {
      strictEqual(Math.sign(byCodePoints(start + x, start + y)), utf8(start + x, start + y))
    }
  )

  it("puts a character outside the basic plane after U+FFFF, unlike the operator <", () => {
    assertTrue(byCodePoints("\uffff", "🛒") < 0)
    assertTrue("\uffff" > "🛒")
  })
})
