import type { Money } from "../../domain/shared/Money.ts"

/** Where text goes: how many columns it has, and whether it is a terminal, where colors and blocks are at home. */
export interface Screen {
  readonly columns: number
  readonly isTerminal: boolean
}

/** Standard output; 80 columns if it is no terminal or does not say. */
export const screen = (): Screen => ({
  columns: process.stdout.columns || 80,
  isTerminal: process.stdout.isTTY === true
})

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })

/** What East Asian fonts and emoji take two columns for. */
const isWide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

const widthOf = (grapheme: string): number =>
  isWide.test(grapheme) ? 2 : /^[\p{Mark}\p{Format}]+$/u.test(grapheme) ? 0 : 1

/** What of a text moves the cursor, sets a color or turns the direction becomes a blank. */
const shownOf = (text: string): ReadonlyArray<string> =>
  [...graphemes.segment(text.replaceAll(/[\p{Control}\p{Bidi_Control}\u2028\u2029]/gu, " "))].map(
    ({ segment }) => segment
  )

/** How many columns a text takes. */
export const columnsOf = (text: string): number =>
  shownOf(text).reduce((all, grapheme) => all + widthOf(grapheme), 0)

/** Text that takes just this many columns, cut or padded. */
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

/** A bar for a part (0 to 1) of a width; what is not nothing has a mark. */
export const bar = ({ isTerminal }: Screen, part: number, columns: number): string =>
  (isTerminal ? "█" : "#").repeat(part > 0 ? Math.max(1, Math.round(part * columns)) : 0)

/** An amount as people write it, exact to the minor unit. */
export const money = ({ amount, currency }: Money): string => {
  const format = new Intl.NumberFormat("en", { style: "currency", currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0
  const units = String(amount).padStart(digits + 1, "0")
  const point = units.length - digits
  return format.format(`${units.slice(0, point)}.${units.slice(point)}0` as Intl.StringNumericLiteral)
}

/** A whole number as people write it. */
export const whole = (count: number): string => count.toLocaleString("en")
