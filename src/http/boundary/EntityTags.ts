const separators = /[\t ,]*/y
const entityTag = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/y

/** Applies a sticky expression at a place of a text. */
const matchAt = (expression: RegExp, text: string, place: number): RegExpExecArray | null => {
  expression.lastIndex = place
  return expression.exec(text)
}

/**
 * Returns the tags that a list such as that of `If-None-Match` names, in their quotes and without the mark of weak ones. Returns none for
 * a header that is not such a list. RFC 9110, sections 8.8.3 and 13.1.2.
 */
export const entityTagsIn = (list: string): ReadonlyArray<string> => {
  const tags: Array<string> = []
  let place = 0
  for (;;) {
    const [separator = ""] = matchAt(separators, list, place) ?? []
    place += separator.length
    if (place === list.length) return tags
    const [text = "", tag] = matchAt(entityTag, list, place) ?? []
    if (tag === undefined || (tags.length > 0 && !separator.includes(","))) return []
    tags.push(tag)
    place += text.length
  }
}

/** Returns whether `If-None-Match` names a weak tag, or any: then the sender has the answer. Compares weakly, as is due for reading. */
export const isNamed = (ifNoneMatch: string | undefined, weakTag: string): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch === weakTag ||
    ifNoneMatch.trim() === "*" ||
    entityTagsIn(ifNoneMatch).includes(weakTag.slice(2)))
