/** The table of all errors: tag, docstring, data, HTTP problem, and whether repeating helps. */
import { globSync, readFileSync } from "node:fs"
import { problemTypes } from "../src/http/api/ProblemTypes.ts"
import { commerceErrors, type Repeat } from "../src/services/CommerceError.ts"

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
