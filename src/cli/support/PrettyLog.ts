import { styleText } from "node:util"
import { Formatter, Logger } from "effect"
import { screen, wrap } from "./Terminal.ts"

const shown = (value: unknown): string => (typeof value === "string" ? value : Formatter.format(value))

const colors: Readonly<Record<string, "red" | "yellow" | "green" | "gray">> = {
  FATAL: "red",
  ERROR: "red",
  WARN: "yellow",
  INFO: "green"
}

/** Formats a log entry for people: one line without repeated values, broken between words on a terminal, followed by the cause of a failure. */
export const prettyLog = Logger.withConsoleLog(
  Logger.map(Logger.formatStructured, ({ annotations, cause, level, message, timestamp }) => {
    const text = [message].flat().map(shown).join(" ")
    const shownWords = new Set(text.split(" "))
    const more = Object.entries(annotations)
      .map(([key, value]) => [key, shown(value)] as const)
      .filter(([, value]) => !shownWords.has(value))
      .map(([key, value]) => `${key}=${value}`)
    const line = [
      timestamp.slice(11, 23),
      styleText(colors[level] ?? "gray", level.padEnd(5)),
      text,
      ...(more.length > 0 ? [styleText("gray", more.join(" "))] : [])
    ].join(" ")
    const { columns, isTerminal } = screen()
    const shownLine = isTerminal
      ? line
          .split("\n")
          .map((one) => wrap(one, columns, 2))
          .join("\n")
      : line
    return cause === undefined ? shownLine : `${shownLine}\n${cause.replaceAll(/^/gm, "  ")}`
  })
)
