/** The code blocks of the README and of the guides. */
import { readdirSync, readFileSync } from "node:fs"

export interface Block {
  readonly page: string
  /** The line of the page that its code begins in. */
  readonly line: number
  readonly language: string
  /** What follows the language: a file that is quoted, or `check` for what is compiled and not run. */
  readonly info: string
  readonly code: string
}

export const pages: ReadonlyArray<string> = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync("examples").map((name) => `examples/${name}/README.md`)
]

const fence = /^```(\w+)[ \t]*(.*)\n([\s\S]*?)^```$/gm

export const blocksOf = (page: string, text: string = readFileSync(page, "utf8")): ReadonlyArray<Block> =>
  Array.from(text.matchAll(fence), ({ index, 1: language = "", 2: info = "", 3: code = "" }) => ({
    page,
    line: text.slice(0, index).split("\n").length + 1,
    language,
    info: info.trim(),
    code
  }))

export const blocks: ReadonlyArray<Block> = pages.flatMap((page) => blocksOf(page))

export const nameOf = ({ page, line }: Block) => `${page}:${line}`
