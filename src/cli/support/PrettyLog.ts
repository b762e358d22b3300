import { styleText } from "node:util"
import { Formatter, Logger } from "effect"

const shown = (value: unknown): string => (typeof value === "string" ? value : Formatter.format(value))

const colors: Readonly<Record<string, "red" | "yellow" | "green" | "gray">> = {
  FATAL: "red",
  ERROR: "red",
  WARN: "yellow",
  INFO: "green"
}

/**
 * What JSON has of an entry, for people: one line, which says nothing twice, and below it the cause of what went
 * wrong.
 */
export const prettyLog = Logger.withConsoleLog(
  Logger.map(Logger.formatStructured, ({ annotations, cause, level, message, timestamp }) => {
    const text = [message].flat().map(shown).join(" ")
    const said = new Set(text.split(" "))
    const more = Object.entries(annotations)
      .map(([key, value]) => [key, shown(value)] as const)
      .filter(([, value]) => !said.has(value))
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
