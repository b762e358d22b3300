import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const page = readFileSync("docs/guarantees.md", "utf8")
const proofs = [...page.matchAll(/\]\(\.\.\/([^)]+)\) "([^"]+)"/g)].map(([, file = "", title = ""]) => ({
  file,
  title
}))

const quoted = /"((?:[^"\\\n]|\\.)+)"|`([^`]+)`/g
const special = /[.*+?^${}()|[\]\\]/g

/** The sentences of a source as patterns: what is filled in may be anything. */
const sentences = (file: string) =>
  Array.from(readFileSync(file, "utf8").matchAll(quoted), ([, text, template = ""]) =>
    (text ?? template).split(/\$\{[^}]*\}/)
  )
    .filter((parts) => parts.join("").includes(" "))
    .map((parts) => new RegExp(`^${parts.map((part) => part.replace(special, "\\$&")).join(".+")}$`))

describe("docs/guarantees.md", () => {
  it.each(proofs)("names a test that exists: $title ($file)", ({ file, title }) => {
    expect(existsSync(file)).toBe(true)
    expect(sentences(file).some((pattern) => pattern.test(title))).toBe(true)
  })

  it("names a test in each of its lines", () => {
    const lines = page.split("\n").filter((line) => /^\| [A-Z`]/.test(line))
    expect(lines.length).toBeGreaterThan(30)
    for (const line of lines) expect(line).toMatch(/\]\(\.\.\/[^)]+\) "/)
  })
})
