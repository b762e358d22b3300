import { Schema } from "effect"

/**
 * The kinds of characters that the rules for text tell apart, after PRECIS (RFC 8264), as ranges of a character class.
 * They are written out, so that the decoder does not depend on a runtime's edition of Unicode.
 */
const characters = {
  /** C0 and C1 controls, and the separators of lines and paragraphs. */
  controls: "\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029",
  /** Marks, embeddings, overrides and isolates that change the direction of the text around them. */
  directions: "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069",
  /** Code points without any appearance: soft hyphens, fillers, zero-width spaces, annotations, reserved ones. */
  invisible:
    "\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u2060-\\u2065\\u206a-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e001f}\\u{e0080}-\\u{e00ff}\\u{e01f0}-\\u{e0fff}",
  /** Joiners (ZWNJ, ZWJ), and selectors and tags that choose the form of the character before them. */
  joiners: "\\u200c\\u200d",
  /** Viramas of Indic scripts: a joiner after one chooses its form, at the end of a word too (RFC 5892, appendix A). */
  viramas: "\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca",
  selectors: "\\u180b-\\u180d\\u180f\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}",
  tags: "\\u{e0020}-\\u{e007f}",
  /** Code points that no character has or will have. */
  none: "\\p{Cs}\\p{Noncharacter_Code_Point}",
  /** Spaces, and the Braille pattern without dots. */
  blank: " \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u2800\\u3000"
} as const

const { controls, directions, invisible, joiners, viramas, selectors, tags, none, blank } = characters
const notVisible = `${controls}${directions}${invisible}${joiners}${selectors}${tags}${none}${blank}`
const visible = `[^${notVisible}]`
/** A visible character with its selector, and a joiner after a virama or if another visible character follows. */
const shown = `${visible}(?:[${selectors}]|[${tags}]+)?(?:(?<=[${viramas}])[${joiners}]|[${joiners}](?=${visible}))?`
const line = new RegExp(`^[${blank}]*${shown}(?:[${blank}]|${shown})*$`, "u")

/**
 * The same rules as patterns of the API description. With the flag `u`, as JSON Schema reads a pattern, they accept what the
 * decoder accepts. Some generators of clients compile them without it, and some write escapes such as `\u2028` as characters:
 * then they still compile, and accept at least what the decoder accepts. So ranges beyond U+FFFF and lone surrogates are properties
 * outside of any class, and no escape stands for a line break or for half a surrogate pair.
 */
const described = (() => {
  const hidden = "\\p{Default_Ignorable_Code_Point}|\\p{Noncharacter_Code_Point}|\\p{Cs}"
  const visible = (more: string) => `(?!${hidden})[^${more}\\s\\x00-\\x1f\\x7f-\\x9f\\u2800\\ufff9-\\ufffb]`
  const tag = "(?=\\p{Default_Ignorable_Code_Point})(?![\\u200d\\ufe0f])\\p{Emoji_Component}"
  const joiner = `(?<=[${viramas}])[${joiners}]|[${joiners}](?=${visible("")})`
  const shown = `${visible("")}(?:\\p{Variation_Selector}|(?:${tag})+)?(?:${joiner})?`
  const several = (characters: string) => `(?:(?!\\p{Cs})${characters})*`
  return {
    storable: `^${several("[^\\x00]")}$`,
    prose: `^${several("[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]")}$`,
    line: `^[${blank}]*${shown}(?:[${blank}]|${shown})*$`,
    email: `^(?:${visible("@")})+@(?:${visible("@")})+$`
  }
})()

/** Pattern of text that PostgreSQL can store. */
export const storablePattern = described.storable

const storable = (annotations: { readonly toJsonSchema?: () => { readonly pattern: string } }) =>
  Schema.makeFilter<string>((text) => text.isWellFormed() && !text.includes("\u0000"), {
    expected: "text without U+0000 or lone surrogates",
    ...annotations
  })

/** Refuses U+0000 and lone surrogates. PostgreSQL cannot store them as text. */
export const isStorable = storable({ toJsonSchema: () => ({ pattern: storablePattern }) })

/**
 * `isStorable` before a check whose pattern implies it. It is not described, because a schema with two patterns needs `allOf`,
 * whose members generators of clients read as values of unknown type.
 */
const isStorableFirst = storable({})

/** Refuses text that is blank, and characters that are invisible or change how others look. */
const isOneLine = Schema.isPattern(line, {
  expected: "visible text on one line, without control, direction or invisible characters",
  toJsonSchema: () => ({ pattern: described.line })
})

/** Controls without the tab, the line feed and the carriage return. */
const proseControls = "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f"
const prose = new RegExp(`^[^${proseControls}\\p{Cs}]*$`, "u")

const isProse = Schema.isPattern(prose, {
  expected: "text without control characters other than tabs and line breaks",
  toJsonSchema: () => ({ pattern: described.prose })
})

const address = new RegExp(`^[^@${notVisible}]+@[^@${notVisible}]+$`, "u")

const isAddress = Schema.isPattern(address, {
  expected: "an email address",
  toJsonSchema: () => ({ pattern: described.email })
})

const codePoints = (max: number) => Schema.isMaxCodePoints(max, { expected: `at most ${max} characters` })

/**
 * Schema of text that is stored: any text. Rules for text hold when it comes in. What came in under earlier rules stays
 * readable, so nothing is judged on its way out.
 */
export const StoredText = Schema.String

/** Schema of text that a request repeats from an answer, in a cursor for example. */
export const StorableText = Schema.String.check(isStorable)

/** Returns a schema of text with at most `max` code points. The text may be empty. */
export const Text = (max: number) => Schema.String.check(isStorable, codePoints(max))

/** Returns a schema of an email address with at most `max` code points: visible characters around one `@`. */
export const Address = (max: number) => Schema.String.check(isStorableFirst, codePoints(max), isAddress)

/** Returns a schema of text with at most `max` code points that may have tabs and line breaks. It may be empty. */
export const Prose = (max: number) => Schema.String.check(isStorableFirst.abort(), isProse, codePoints(max))

/**
 * Returns a schema of a name: one line of 1 to `max` code points, not blank. Two names that look the same differ in
 * nothing that is invisible: joiners and selectors stand only after a visible character.
 */
export const Name = (max: number) => {
  const expected = `1 to ${max} characters`
  return Schema.String.check(
    isStorableFirst.abort(),
    Schema.isMaxCodePoints(max, { expected }),
    Schema.isMinCodePoints(1, { expected }).abort(),
    isOneLine
  )
}

/**
 * Returns canonical lower case. NFC is applied twice: "H\u0331" has no composed form, but "h\u0331" has one. A
 * final sigma becomes an ordinary sigma.
 */
const lower = (text: string): string =>
  text.normalize("NFC").toLowerCase().replaceAll("ς", "σ").normalize("NFC")

const ignored = new RegExp(`[${directions}${invisible}${joiners}${selectors}${tags}]`, "gu")
const wide = /[\uff01-\uffee]+/g
const spaces = new RegExp(`[${blank}]`, "gu")

/**
 * Returns the key for uniqueness: lower case, Unicode NFC, ordinary width, ordinary spaces, nothing invisible, without
 * surrounding white space (after the profiles of RFC 8265 and RFC 8266).
 */
export const normalizeKey = (text: string): string =>
  lower(text.replaceAll(ignored, "").replaceAll(wide, (run) => run.normalize("NFKC")))
    .replaceAll(spaces, " ")
    .trim()

/**
 * Prepares a password for hashing and comparison: Unicode NFC with ordinary spaces (the OpaqueString profile of RFC
 * 8265). The same password typed on two systems may differ in both.
 */
export const preparePassword = (password: string): string =>
  password.normalize("NFC").replaceAll(/\p{Zs}/gu, " ")

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
