import { Schema } from "effect"

/** PostgreSQL text holds neither U+0000 nor lone surrogates, so the shop refuses them before any store sees them. */
export const isStorable = Schema.makeFilter<string>(
  (text) => text.isWellFormed() && !text.includes("\u0000"),
  {
    expected: "text without U+0000 or lone surrogates"
  }
)

const isNotBlank = Schema.makeFilter<string>((text) => /\S/u.test(text), {
  expected: "text that is not blank"
})

/** Text of up to `max` code points that any store can hold; may be empty. */
export const Text = (max: number) =>
  Schema.String.check(isStorable, Schema.isMaxCodePoints(max, { expected: `at most ${max} characters` }))

/** Text of 1 to `max` code points with something to read in it. */
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
 * Lower case, whatever form and case the text had. NFC comes last too, since "H\u0331" has no composed form and
 * "h\u0331" has one; a sigma that ends a word is a sigma like any other.
 */
const lower = (text: string): string =>
  text.normalize("NFC").toLowerCase().replaceAll("ς", "σ").normalize("NFC")

/** What must be unique whatever the case is unique by this key (lower case, Unicode NFC, no outer white space). */
export const normalizeKey = (text: string): string => lower(text).trim()

/** Orders text by Unicode code points, as PostgreSQL's collation "C" does (JavaScript's `<` compares UTF-16 units). */
export const byCodePoints = (a: string, b: string): number => {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()]
  for (;;) {
    const [x, y] = [left.next().value, right.next().value]
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? -1 : 1
    if (x !== y) return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0)
  }
}

/** Who made a change: an account's id, or the host's own word for it ("system", "warehouse 7"). */
export const Actor = Name(200)

/** Who makes a change if nobody is named. */
export const systemActor = "system"
