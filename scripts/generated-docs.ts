/** The parts of the documentation, and docstrings of settings, that are generated from the code: `npm run docs:generate` writes them, a test compares them. */
import { globSync, readFileSync } from "node:fs"
import { diagram } from "../src/domain/orders/Lifecycle.ts"
import { rules } from "../src/testing/judge/Finding.ts"
import { importTable } from "../test/architecture/rules.ts"
import { errorTable } from "./errors.ts"
import { withProofs } from "./guarantees.ts"
import { hostTable } from "./hosts.ts"
import { endpointTable, shapeTable } from "./http-api.ts"
import { interfaces, settingTable, variableTable, withDocstrings } from "./settings.ts"

/** Each section by its name. A page holds it between `<!-- generated: NAME -->` and `<!-- end: NAME -->`. */
const sections: Readonly<Record<string, () => string>> = {
  lifecycle: () => `\`\`\`mermaid\n${diagram()}\n\`\`\``,
  imports: importTable,
  judge: () =>
    [
      "| rule | what must be so |",
      "|---|---|",
      ...Object.entries(rules).map(([name, rule]) => `| \`${name}\` | ${rule} |`)
    ].join("\n"),
  errors: errorTable,
  "bundlers-runtimes-generators": hostTable,
  endpoints: endpointTable,
  shapes: shapeTable,
  variables: variableTable,
  settings: settingTable
}

const marked = /(<!-- generated: ([\w-]+) -->\n).*?(<!-- end: \2 -->)/gs

/** The text of a page with its generated sections up to date. */
const render = (text: string): string =>
  text.replace(marked, (_, begin: string, name: string, end: string) => {
    const section = sections[name]
    if (section === undefined) throw new Error(`No generated section is called "${name}"`)
    return `${begin}${section()}\n${end}`
  })

/** Every page with its text as it is and as it should be. */
export const pages = (): ReadonlyArray<{
  readonly file: string
  readonly actual: string
  readonly expected: string
}> =>
  [...globSync(["*.md", "docs/*.md"]).sort(), ...Object.keys(interfaces)].map((file) => {
    const actual = readFileSync(file, "utf8")
    if (file in interfaces) return { file, actual, expected: withDocstrings(file, actual) }
    const rendered = render(actual)
    return { file, actual, expected: file === "docs/guarantees.md" ? withProofs(rendered) : rendered }
  })
