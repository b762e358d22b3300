/**
 * Tokens of the product search. They are computed here, for the index and for queries of every store, without the
 * dictionaries of a runtime or a database.
 */

/** Letters without a decomposition that readers type as others. */
const plainLetters: Readonly<Record<string, string>> = {
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  ŧ: "t",
  þ: "th"
}

/** Letters and numbers that have compatible forms: full width, ligatures, superscripts. A fraction stays one number. */
const compatible = /[[\p{L}\p{N}\p{M}]--[¼-¾⅐-⅟↉]]+/gv

/**
 * Marks of Latin, Greek, Cyrillic and Arabic letters, and the points of Hebrew. The marks of other scripts are vowels
 * or make other letters, as U+3099 does with kana.
 */
const accents = /[[\p{M}&&\p{Script=Inherited}]--[\u3099\u309a]]|[[\u0591-\u05c7]&&\p{M}]/gv

/** Folds case: ß and ẞ become ss, and İ and ı become i. One pass of `toLowerCase` or `toUpperCase` alone misses some. */
const foldCase = (text: string): string =>
  text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ").replaceAll("ı", "i")

const decompose = (text: string): string => text.replaceAll(compatible, (run) => run.normalize("NFKD"))

/** Folds case, accents, width and compatible forms, and removes soft hyphens. All apostrophes and hyphens become one. */
const fold = (text: string): string =>
  decompose(foldCase(decompose(text)))
    .replaceAll(accents, "")
    .replaceAll(/[æœøłđðħŧþ]/g, (letter) => plainLetters[letter] ?? letter)
    .replaceAll("\u00ad", "")
    .replaceAll(/(?<=[\p{L}\p{M}])\u200d(?=\p{L})/gu, "")
    .replaceAll(/['`´’‘‛′＇ʹʻʼʽ\-‐‑‒–−﹣－\u200c]/g, "-")
    .normalize("NFC")

/** Scripts that write words without spaces between them, or join words freely. */
const scripts = ["Han", "Hiragana", "Katakana", "Bopomofo", "Hangul", "Thai", "Lao", "Khmer", "Myanmar"]
const unspaced = `[${scripts.map((script) => `\\p{Script_Extensions=${script}}`).join("")}]`

/**
 * A run of an unspaced script; a word: letters and numbers with their marks; a single emoji; a flag (two regional
 * indicators). ©, ® and ™ count as emoji in Unicode, but only decorate words here.
 */
const token = new RegExp(
  `(?<run>[[\\p{L}\\p{N}]&&${unspaced}][[\\p{L}\\p{N}\\p{M}]&&${unspaced}]*)|` +
    `(?<word>[[\\p{L}\\p{N}]--${unspaced}][[\\p{L}\\p{N}\\p{M}]--${unspaced}]*)|` +
    "\\p{RI}{2}|[[\\p{So}&&\\p{Extended_Pictographic}]--[©®™]]",
  "gv"
)

/** Cuts a token to 500 code points. PostgreSQL's text search accepts lexemes up to 2046 bytes. */
const cut = (token: string): string => (token.length > 500 ? Array.from(token).slice(0, 500).join("") : token)

/** Neighbours in a text: words with a hyphen or an apostrophe between them, one run, or one word or emoji. */
interface Group {
  readonly kind: "words" | "run"
  readonly tokens: ReadonlyArray<string>
}

const groupsOf = (text: string): ReadonlyArray<Group> => {
  const folded = fold(text)
  const groups: Array<{ kind: "words" | "run"; tokens: Array<string> }> = []
  let wordEnd = -1
  for (const { 0: found, index, groups: kinds } of folded.matchAll(token)) {
    const previous = groups.at(-1)
    if (kinds?.word !== undefined && index === wordEnd + 1 && folded[wordEnd] === "-" && previous) {
      previous.tokens.push(cut(found))
    } else {
      groups.push({ kind: kinds?.run === undefined ? "words" : "run", tokens: [cut(found)] })
    }
    wordEnd = kinds?.word === undefined ? -1 : index + found.length
  }
  return groups
}

/** Maximum number of words that are joined to one token: the index of "a-b-c-…" stays small. */
const maxJoined = 8

/** Joins the words of a group from each of them on: "red", "t" and "shirt" to "redtshirt" and "tshirt". */
const joined = (words: ReadonlyArray<string>): ReadonlyArray<string> =>
  words.slice(0, -1).map((_, start) => cut(words.slice(start, start + maxJoined).join("")))

/** Returns every two neighbours of a run, and its last character. */
const pairs = (run: string): ReadonlyArray<string> => {
  const characters = Array.from(run)
  return characters.map((one, i) => one + (characters[i + 1] ?? ""))
}

const unique = (tokens: Iterable<string>): ReadonlyArray<string> => [...new Set(tokens)]

/**
 * Returns the folded words of a text, without duplicates. White space, punctuation, symbols and control characters
 * separate them.
 */
export const searchTokens = (text: string): ReadonlyArray<string> =>
  unique(groupsOf(text).flatMap(({ tokens }) => tokens))

/**
 * Returns the tokens of a text that an index holds: its words, words joined across hyphens and apostrophes, and pairs of
 * characters of unspaced scripts.
 */
export const indexTokens = (text: string): ReadonlyArray<string> =>
  unique(
    groupsOf(text).flatMap(({ kind, tokens }) =>
      kind === "run" ? tokens.flatMap(pairs) : [...tokens, ...joined(tokens)]
    )
  )

/** A condition of a query: one of the alternatives holds, whose prefixes each begin a token of the index. */
export type SearchCondition = ReadonlyArray<ReadonlyArray<string>>

/** Returns the conditions of a query, which must all hold. Returns none for a query without words. */
export const searchConditions = (query: string): ReadonlyArray<SearchCondition> =>
  groupsOf(query).map(({ kind, tokens }) => {
    const [whole = ""] = tokens
    if (kind === "run") {
      const found = pairs(whole)
      return [found.length > 1 ? unique(found.slice(0, -1)) : found]
    }
    return tokens.length > 1 ? [tokens, [cut(tokens.join(""))]] : [tokens]
  })
