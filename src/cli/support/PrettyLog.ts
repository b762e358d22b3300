import { styleText } from "node:util"
import { Formatter, Logger } from "effect"

const shown = (value: unknown): string => (typeof value === "string" ? value : Formatter.format(value))

const colors: Readonly<Record<string, "red" | "yellow" | "green" | "gray">> = {
  FATAL: "red",
  ERROR: "red",
  WARN: "yellow",
  INFO: "green"
}

/** Formats a log entry for people: one line without repeated values, followed by the cause of a failure. */
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
    return cause === undefined ? line : `${line}\n${cause.replaceAll(/^/gm, "  ")}`
  })
)
