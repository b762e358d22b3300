import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { guaranteeIds, proofs, proofsIn } from "../scripts/guarantees.ts"

const page = readFileSync("docs/guarantees.md", "utf8")
const ids = guaranteeIds(page)
const known = new Set(ids)

/** Written in two parts, so that these examples are no proofs. */
const tag = (id: string) => ` [${id}]`

describe("docs/guarantees.md", () => {
  it("has a row of guarantees in each of its tables, with the letter of its section", () => {
    expect(ids.length).toBeGreaterThan(50)
    const sections = page.split(/^## /m).flatMap((text) => (/^[A-Z]: /.test(text) ? [text] : []))
    expect(sections.flatMap(guaranteeIds)).toEqual(ids)
    for (const section of sections) {
      const own = guaranteeIds(section)
      expect(own.filter((id) => id[0] !== section[0])).toEqual([])
      expect(section.match(/^\|(?! id |-)/gm)?.length).toBe(own.length)
    }
  })

  it("gives each id to one guarantee", () => {
    expect(ids).toEqual([...known])
  })

  it.each(ids.map((id) => ({ id })))("$id is shown by a test", ({ id }) => {
    expect(proofs.some((proof) => proof.ids.includes(id))).toBe(true)
  })
})

describe("a tag", () => {
  it("names a guarantee, whatever test it is on", () => {
    expect(proofs.filter(({ ids }) => ids.some((id) => !known.has(id)))).toEqual([])
  })

  it("is found at the end of a title, also of a template", () => {
    const source = `it("a", () => log("b")); it("sells${tag("S1")}${tag("S2")}", f); law(\`to \${name} again${tag("I1")}\`)`
    expect(proofsIn("x.ts", source)).toEqual([
      { file: "x.ts", title: "sells", ids: ["S1", "S2"] },
      { file: "x.ts", title: "to … again", ids: ["I1"] }
    ])
  })

  it("is none within a title", () => {
    expect(proofsIn("x.ts", `it("takes${tag("S1")} of ten", f)`)).toEqual([])
  })
})
