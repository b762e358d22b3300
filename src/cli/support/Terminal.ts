import { stripVTControlCharacters } from "node:util"
import { minorUnitDigits } from "../../domain/shared/Currencies.ts"
import type { Money } from "../../domain/shared/Money.ts"

/** Width and kind of an output. Only terminals show colors and block characters. */
export interface Screen {
  readonly columns: number
  readonly isTerminal: boolean
}

/** Returns the screen of standard output. Defaults to 80 columns. */
export const screen = (): Screen => ({
  columns: process.stdout.columns || 80,
  isTerminal: process.stdout.isTTY === true
})

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })

/** Matches graphemes that take two columns: East Asian characters and emoji. */
const isWide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

const widthOf = (grapheme: string): number =>
  isWide.test(grapheme) ? 2 : /^[\p{Mark}\p{Format}]+$/u.test(grapheme) ? 0 : 1

/**
 * Splits text into graphemes. Control characters and direction marks become blanks, since they would change the
 * terminal's state.
 */
const shownOf = (text: string): ReadonlyArray<string> =>
  [...graphemes.segment(text.replaceAll(/[\p{Control}\p{Bidi_Control}\u2028\u2029]/gu, " "))].map(
    ({ segment }) => segment
  )

/** Returns the number of columns of a text. */
export const columnsOf = (text: string): number =>
  shownOf(text).reduce((all, grapheme) => all + widthOf(grapheme), 0)

/** Cuts or pads text to the given number of columns. */
export const inColumns = (text: string, columns: number): string => {
  const whole = columnsOf(text) <= columns
  let shown = ""
  let width = 0
  for (const grapheme of shownOf(text)) {
    if (width + widthOf(grapheme) > (whole ? columns : columns - 1)) break
    shown += grapheme
    width += widthOf(grapheme)
  }
  return whole ? shown + " ".repeat(columns - width) : `${shown}…${" ".repeat(columns - 1 - width)}`
}

/**
 * Breaks a line between words, so that it fits into the given number of columns. Further lines are indented as far as `indent`. A longer
 * word stays whole. Escape sequences take no column.
 */
export const wrap = (line: string, columns: number, indent = 0): string => {
  const width = (text: string) => columnsOf(stripVTControlCharacters(text))
  const margin = line.slice(0, line.length - line.trimStart().length)
  const lines: Array<string> = []
  let current = margin
  let isEmpty = true
  for (const word of line.slice(margin.length).split(" ")) {
    const longer = isEmpty ? `${current}${word}` : `${current} ${word}`
    if (isEmpty || width(longer) <= columns) current = longer
    else {
      lines.push(current)
      current = `${" ".repeat(indent)}${word}`
    }
    isEmpty = false
  }
  return [...lines, current].join("\n")
}

/** Returns a bar for a part (0 to 1) of a width. A part above 0 has at least one mark. */
export const bar = ({ isTerminal }: Screen, part: number, columns: number): string =>
  (isTerminal ? "█" : "#").repeat(part > 0 ? Math.max(1, Math.round(part * columns)) : 0)

/**
 * Formats an amount for people, exact to the minor unit of ISO 4217. An amount of an unknown currency is shown in minor
 * units: to guess their number of digits would show a wrong amount.
 */
export const money = ({ amount, currency }: Money): string => {
  const digits = minorUnitDigits(currency)
  if (digits === undefined) return `${whole(amount)} minor units of ${currency}`
  const format = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits
  })
  const units = String(amount).padStart(digits + 1, "0")
  const point = units.length - digits
  return format.format(`${units.slice(0, point)}.${units.slice(point)}0` as Intl.StringNumericLiteral)
}

/** Formats an integer for people. Every command describes its flags with it, and `Intl` takes milliseconds to load. */
export const whole = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",")
