import { Schema } from "effect"

/** Refuses U+0000 and lone surrogates. PostgreSQL cannot store them as text. */
export const isStorable = Schema.makeFilter<string>(
  (text) => text.isWellFormed() && !text.includes("\u0000"),
  {
    expected: "text without U+0000 or lone surrogates"
  }
)

const isNotBlank = Schema.makeFilter<string>((text) => /\S/u.test(text), {
  expected: "text that is not blank"
})

/**
 * Schema of text that is stored: any text. Rules for text hold when it comes in. What came in under earlier rules stays
 * readable, so nothing is judged on its way out.
 */
export const StoredText = Schema.String

/** Schema of text that a request repeats from an answer, in a cursor for example. */
export const StorableText = Schema.String.check(isStorable)

/** Returns a schema of text with at most `max` code points. The text may be empty. */
export const Text = (max: number) =>
  Schema.String.check(isStorable, Schema.isMaxCodePoints(max, { expected: `at most ${max} characters` }))

/** Returns a schema of text with 1 to `max` code points. At least one is not white space. */
export const Name = (max: number) => {
  const expected = `1 to ${max} characters`
  return Schema.String.check(
    isStorable,
    Schema.isMaxCodePoints(max, { expected }),
    Schema.isMinCodePoints(1, { expected }).abort(),
    isNotBlank
  )
}

/**
 * Returns canonical lower case. NFC is applied twice: "H\u0331" has no composed form, but "h\u0331" has one. A
 * final sigma becomes an ordinary sigma.
 */
const lower = (text: string): string =>
  text.normalize("NFC").toLowerCase().replaceAll("ς", "σ").normalize("NFC")

/** Returns the key for case-insensitive uniqueness: lower case, Unicode NFC, without surrounding white space. */
export const normalizeKey = (text: string): string => lower(text).trim()

/**
 * Compares text by Unicode code points, as PostgreSQL's collation "C" does. JavaScript's `<` compares UTF-16 units
 * instead.
 */
export const byCodePoints = (a: string, b: string): number => {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()]
  for (;;) {
    const [x, y] = [left.next().value, right.next().value]
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? -1 : 1
    if (x !== y) return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0)
  }
}
