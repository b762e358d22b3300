/** Tokens of the product search. */

/**
 * Case-folds text: ß and ẞ become ss, ﬁ becomes fi, and İ and ı become i. One pass of `toLowerCase` or
 * `toUpperCase` alone misses some of these.
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
 * A token: letters and numbers with their combining marks, a single emoji, or a flag (two regional indicators). ©,
 * ® and ™ count as emoji in Unicode, but only decorate words here.
 */
const token = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*|\p{RI}{2}|[[\p{So}&&\p{Extended_Pictographic}]--[©®™]]/gv

/** Cuts a token to 500 code points. PostgreSQL's text search accepts lexemes up to 2046 bytes. */
const cut = (token: string): string => (token.length > 500 ? Array.from(token).slice(0, 500).join("") : token)

/**
 * Returns the case-folded search tokens of a text, without duplicates. White space, punctuation, symbols and
 * control characters separate them.
 */
export const searchTokens = (text: string): ReadonlyArray<string> => [
  ...new Set(Array.from(fold(text).matchAll(token), ([found]) => cut(found)))
]
