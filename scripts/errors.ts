<<<<<<< HEAD
/** The table of all errors in docs/errors.md, made from the errors, their docstrings and the problem documents of the HTTP API. */
=======
/** The table of all errors: tag, docstring, data, HTTP problem, and whether repeating helps. */
>>>>>>> surface
import { globSync, readFileSync } from "node:fs"
import { problemTypes } from "../src/http/api/ProblemTypes.ts"
import { commerceErrors, type Repeat } from "../src/services/CommerceError.ts"

<<<<<<< HEAD
const sources = globSync(["src/domain/**/*.ts", "src/ports/*.ts", "src/services/*.ts"]).map((file) =>
  readFileSync(file, "utf8")
)

/** The first paragraph of the docstring of a class. */
const meaningOf = (tag: string): string => {
  const pattern = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\nexport class ${tag} `)
  const comment = sources.map((source) => pattern.exec(source)?.[1]).find((text) => text !== undefined)
  if (comment === undefined) throw new Error(`The class ${tag} has no docstring`)
  const [first = ""] = comment
    .replaceAll(/^[ \t]*\*[ \t]?/gm, "")
    .trim()
    .split(/\n\s*\n/)
  return first.replaceAll(/\s+/g, " ")
}

const repeats: Readonly<Record<Repeat, string>> = {
  never: "no",
  later: "yes, later",
  byOutcome: "if `notApplied`, or with the same key"
}

const kinds: Readonly<Record<string, { readonly status: number; readonly code: string }>> = problemTypes

const cell = (text: string) => text.replaceAll("|", "\\|")

/** Every error by its tag: meaning, data, HTTP status and code, and whether repeating the same call helps. */
export const errorTable = (): string =>
  [
    "| error | means | data | HTTP | repeat the call |",
    "|---|---|---|---|---|",
    ...Object.entries(commerceErrors).map(([tag, { error, repeat }]) => {
      const data = Object.keys(error.fields).filter((name) => name !== "_tag")
      const kind = kinds[tag]
      const cells = [
        `\`${tag}\``,
        meaningOf(tag),
        data.map((name) => `\`${name}\``).join(", "),
        kind === undefined ? "" : `${kind.status} \`${kind.code}\``,
        repeats[repeat]
      ]
      return `| ${cells.map(cell).join(" | ")} |`
    })
  ].join("\n")
=======
const declaration = /\/\*\*((?:(?!\*\/).)*)\*\/\nexport class (\w+) extends Schema\.TaggedError/gs

/** Reads the first paragraph of the docstring of every error class. */
const readDocstrings = (): ReadonlyMap<string, string> =>
  new Map(
    globSync("src/{domain,ports,services}/**/*.ts")
      .flatMap((file) => Array.from(readFileSync(file, "utf8").matchAll(declaration)))
      .map(([, comment = "", tag = ""]) => {
        const [paragraph = ""] = comment
          .replaceAll(/^\s*\* ?/gm, "")
          .trim()
          .split("\n\n")
        const text = paragraph.replaceAll(/\s+/g, " ").replace("Refusal: ", "")
        return [tag, text.slice(0, 1).toUpperCase() + text.slice(1)]
      })
  )

const problems: Readonly<Record<string, { readonly status: number; readonly code: string }>> = problemTypes

const repeats: Readonly<Record<Repeat, string>> = { never: "no", later: "later", byOutcome: "by `outcome`" }

/** Renders the table of all errors. */
export const errorTable = (): string => {
  const docstrings = readDocstrings()
  const rows = Object.entries(commerceErrors).map(([tag, { error, repeat }]) => {
    const when = docstrings.get(tag)
    if (when === undefined) throw new Error(`${tag} has no docstring`)
    const data = Object.keys(error.fields).filter((field) => field !== "_tag")
    const problem = problems[tag]
    return [
      `\`${tag}\``,
      when.replaceAll("|", "\\|"),
      data.map((field) => `\`${field}\``).join(", "),
      problem === undefined ? "" : `${problem.status} \`${problem.code}\``,
      repeats[repeat]
    ]
  })
  return [["error", "when", "data", "HTTP", "repeat"], Array(5).fill("---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")
}
>>>>>>> surface
