/** What a text is found by. */

/**
 * The same for every case of a text: ß is ss, ﬁ is fi, and every i is an i, with a dot or without. Lower case alone
 * would not know an ẞ for an ß, and upper case alone not an i for an İ.
 */
const fold = (text: string): string =>
  text
    .normalize("NFD")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/i\u0307+/g, "i")
    .replaceAll("ς", "σ")
    .normalize("NFC")

/**
 * Letters and numbers, with the marks on them. An emoji is a word by itself, as is a flag, which is two; ©, ® and ™
 * say something of a word, and count as emoji in Unicode alone.
 */
const token = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*|\p{RI}{2}|[[\p{So}&&\p{Extended_Pictographic}]--[©®™]]/gv

/** PostgreSQL's text search takes words of up to 2046 bytes; of a longer one its beginning counts. */
const cut = (token: string): string => (token.length > 500 ? Array.from(token).slice(0, 500).join("") : token)

/**
 * The words of a text, for searching, each once and whatever the case. White space, punctuation, symbols and control
 * characters separate them.
 */
export const searchTokens = (text: string): ReadonlyArray<string> => [
  ...new Set(Array.from(fold(text).matchAll(token), ([found]) => cut(found)))
]
