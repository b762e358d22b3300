import { stripVTControlCharacters } from "node:util"
import { Effect, Layer } from "effect"
import { CliOutput, type HelpDoc, TerminalCapabilities } from "effect/cli"
import { columnsOf, screen, wrap } from "./Terminal.ts"

/** Matches a row of a table of flags or commands, up to its description. */
const beforeDescription = /^ {2}\S.*? {2,}(?=\S)/

const wrapRow = (line: string, columns: number): string => {
  const [before] = beforeDescription.exec(line) ?? []
  if (before === undefined) return wrap(line, columns, 2)
  const indent = columnsOf(stripVTControlCharacters(before))
  return `${before}${wrap(line.slice(before.length), columns - indent, 0).replaceAll("\n", `\n${" ".repeat(indent)}`)}`
}

/** Leaves the list of choices to the description, which has it too: beside a list no column is left for a description. */
const withShortTypes = (flag: HelpDoc.FlagDoc): HelpDoc.FlagDoc =>
  flag.type.includes("|") ? { ...flag, type: "choice" } : flag

/** Provides help texts that fit the terminal, or 80 columns where there is none. */
export const helpInColumns: Layer.Layer<never> = Layer.effect(
  CliOutput.Formatter,
  Effect.map(TerminalCapabilities.TerminalCapabilities, ({ canColor }) => {
    const formatter = CliOutput.defaultFormatter({ colors: canColor })
    const formatHelpDoc = (doc: HelpDoc.HelpDoc): string =>
      formatter
        .formatHelpDoc({ ...doc, globalFlags: (doc.globalFlags ?? []).map(withShortTypes) })
        .split("\n")
        .map((line) => wrapRow(line, screen().columns))
        .join("\n")
    return { ...formatter, formatHelpDoc }
  })
)
