import ts from "typescript"

const banned = /\b(whoever|somebody|nobody|of which|for which|mended|anew|alike|that is no|told)\b/gi

/** Joins the lines of a comment, so that a phrase that a line break divides is found. */
const oneLine = (text: string): string => text.replaceAll(/\n\s*(\*|\/\/)?\s*/g, " ")

/** Returns the banned words and phrases in a text. */
export const bannedWordsIn = (text: string): ReadonlyArray<string> =>
  Array.from(oneLine(text).matchAll(banned), ([word]) => word)

const commentsOf = (file: ts.SourceFile): ReadonlyArray<string> => {
  const text = file.getFullText()
  const comments = new Map<number, string>()
  const add = (ranges: ReadonlyArray<ts.CommentRange> = []) => {
    for (const { pos, end } of ranges) comments.set(pos, text.slice(pos, end))
  }
  const visit = (node: ts.Node): void => {
    add(ts.getLeadingCommentRanges(text, node.getFullStart()))
    add(ts.getTrailingCommentRanges(text, node.getEnd()))
    for (const child of node.getChildren(file)) visit(child)
  }
  visit(file)
  // Consecutive `//` comments are one text.
  return [
    [...comments]
      .sort(([a], [b]) => a - b)
      .map(([, comment]) => comment)
      .join("\n")
  ]
}

const stringsOf = (file: ts.SourceFile): ReadonlyArray<string> => {
  const strings: Array<string> = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      strings.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return strings
}

/** Returns the comments and string literals of a TypeScript source, without its identifiers. */
export const proseOf = (source: string): ReadonlyArray<string> => {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true)
  return [...commentsOf(file), ...stringsOf(file)]
}
