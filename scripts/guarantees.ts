/** The guarantees of docs/guarantees.md and the tests that show them. A test names its guarantees at the end of its title: `… [S1] [P1]`. */
import { globSync, readFileSync } from "node:fs"
import { basename } from "node:path"

export interface Proof {
  readonly file: string
  readonly title: string
  readonly ids: ReadonlyArray<string>
}

/** A string literal that ends with tags. */
const tagged = /(["`])((?:\\.|(?!\1)[^\\\n])*?)((?: \[[A-Z]\d+\])+)\1/g

/** Tests with tags in a source text. What a template fills in shows as "…". */
export const proofsIn = (file: string, text: string): ReadonlyArray<Proof> =>
  Array.from(text.matchAll(tagged), ([, , title = "", tags = ""]) => ({
    file,
    title: title.replace(/\$\{[^}]*\}/g, "…"),
    ids: tags.match(/[A-Z]\d+/g) ?? []
  }))

/** All tests and laws with tags. */
export const proofs: ReadonlyArray<Proof> = globSync(["test/**/*.ts", "src/testing/contract/**/*.ts"])
  .map((file) => file.replaceAll("\\", "/"))
  .sort()
  .flatMap((file) => proofsIn(file, readFileSync(file, "utf8")))

/** One row of a table of guarantees: id, sentence, what keeps it, and the tests that show it. */
const row = /^(\| ([A-Z]\d+) \| .+? \| .+? \|).*\|$/gm

/** The ids of a page, in its order. */
export const guaranteeIds = (page: string): ReadonlyArray<string> =>
  Array.from(page.matchAll(row), ([, , id = ""]) => id)

const cell = ({ file, title }: Proof) =>
  `[${basename(file).replace(/(\.test)?\.ts$/, "")}](../${file}) "${title.replaceAll("|", "\\|")}"`

/** The page with the last column of each row made of the tests. */
export const withProofs = (page: string): string =>
  page.replace(row, (_, begin: string, id: string) => {
    const shown = proofs.filter(({ ids }) => ids.includes(id)).map(cell)
    return `${begin} ${shown.join("<br>")} |`
  })
