import { Result, Schema } from "effect"
import { OpenApi } from "effect/http-api"
import { describe, expect, test } from "vitest"
import { decoder } from "../../../src/domain/shared/InvalidInput.ts"
import { Address, Name, Prose, Text } from "../../../src/domain/shared/Text.ts"
import { Api } from "../../../src/http/api/index.ts"

const patternsOf = (value: unknown): ReadonlyArray<string> =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) =>
        name === "pattern" && typeof inner === "string" ? [inner] : patternsOf(inner)
      )

const patterns = [...new Set(patternsOf(OpenApi.fromApi(Api)))]

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

/** The basic plane, and the surroundings of every range beyond it that a rule for text names. */
const codePoints = [
  ...range(0, 0xffff),
  ...range(0x1bc90, 0x1bcb0),
  ...range(0x1d160, 0x1d180),
  ...range(0xdfff0, 0xe1010),
  ...range(1, 16).flatMap((plane) => range(plane * 0x10000 + 0xfff0, plane * 0x10000 + 0xffff)),
  0x1f6d2
]
const characters = codePoints.map((point) => String.fromCodePoint(point))

const words = [
  "Cups",
  "{p} Cs",
  "👩\u200d👧",
  "❤\ufe0f",
  "🏴\u{e0067}\u{e007f}",
  "🏴\u{e0067}\u{e007f}\u200d",
  "a\u{e0100}\u{e0100}",
  "क्\u200d",
  "\u200da",
  "a\u200d",
  "a\u200d b",
  " a ",
  " ",
  ""
]

const kinds = {
  text: { schema: Text(20), of: (character: string) => [character] },
  prose: { schema: Prose(20), of: (character: string) => [character] },
  name: { schema: Name(20), of: (character: string) => [character, `${character}a`, `a${character}b`] },
  email: { schema: Address(20), of: (character: string) => [`${character}@b`, `a@${character}`] }
}

describe("The patterns of the description", () => {
  test.each(Object.entries(kinds))("accept the %s that the decoder accepts", (_, { schema, of }) => {
    const { schema: described } = Schema.toJsonSchemaDocument(schema)
    const [pattern = ""] = patternsOf(described)
    expect(patterns).toContain(pattern)
    const decode = decoder(schema)
    const [unicode, plain] = [new RegExp(pattern, "u"), new RegExp(pattern)]
    const texts = [...characters, ...words]
      .flatMap(of)
      .filter((text) => [...text].length <= 20 && text !== "")
    const wrong = texts.filter((text) => unicode.test(text) !== Result.isSuccess(decode(text)))
    expect(wrong.map((text) => JSON.stringify(text))).toEqual([])
    // Some generators of clients leave out the flag: their clients may not refuse what the server accepts.
    expect(
      texts.filter((text) => unicode.test(text) && !plain.test(text)).map((text) => JSON.stringify(text))
    ).toEqual([])
    expect(unicode.test("a\u0000")).toBe(false)
  })

  test("compile with and without the flag u, and as literals of a source file", () => {
    expect(patterns.length).toBeGreaterThan(8)
    for (const pattern of patterns) {
      for (const flag of ["", "u"]) expect(() => new RegExp(pattern, flag)).not.toThrow()
      // Some generators write these characters in place of their escapes.
      expect(pattern).not.toMatch(/\\u(000a|000d|2028|2029|d[89a-f]..)/i)
    }
  })
})
