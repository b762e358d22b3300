import type { HostParameter } from "./HostValues.ts"

/**
 * Converts a statement with `$1` to one with `?`, and its parameters to the order in which they appear. The escape `\?` stays a
 * question mark, which PostgreSQL has in operators.
 */
export const withQuestionMarks = (
  statement: string,
  parameters: ReadonlyArray<HostParameter>
): { readonly text: string; readonly values: Array<HostParameter> } => {
  const values: Array<HostParameter> = []
  const text = statement.replaceAll(/\?|\$(\d+)/g, (_, position: string | undefined) => {
    if (position === undefined) return "\\?"
    values.push(parameters[Number(position) - 1] ?? null)
    return "?"
  })
  return { text, values }
}
