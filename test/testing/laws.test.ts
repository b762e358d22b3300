import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { hookLaws, LawBroken, laws, Seed } from "../../src/testing/contract/index.ts"
import { faults } from "./faults/index.ts"

const seed = process.env.TEST_SEED ?? "1"

const all = [...laws, ...hookLaws]

/** A law is named here without the guarantees that it shows. */
const untagged = (name: string) => name.replace(/( \[[A-Z]\d+\])+$/, "")

/** The named law, checked on stores of its own. */
const verdict = (name: string, { stores }: (typeof faults)[number]) =>
  Effect.gen(function* () {
    const law = all.find((law) => untagged(law.name) === name)
    assert(law !== undefined, `There is no law "${name}"`)
    return yield* Effect.flip(law.check).pipe(Effect.provide(stores), Effect.provideService(Seed, seed))
  })

describe("an adapter that", () => {
  for (const fault of faults) {
    it.live(`${fault.does} breaks the law`, () =>
      Effect.gen(function* () {
        assert.isNotEmpty(fault.breaks)
        for (const name of fault.breaks) {
          const broken = yield* verdict(name, fault)
          assert.instanceOf(broken, LawBroken)
          assert.deepStrictEqual([untagged(broken.law), broken.seed], [name, seed])
        }
      })
    )
  }
})

describe("a law", () => {
  for (const { name } of all) {
    it(`finds a fault: ${name} [V2]`, () => {
      assert.isTrue(faults.some(({ breaks }) => breaks.includes(untagged(name))))
    })
  }
})
