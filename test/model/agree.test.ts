import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Memory from "../../src/adapters/memory/index.ts"
import { agree, shopOn } from "../../src/testing/model/index.ts"
import { faults } from "./faults.ts"

const model = shopOn(Memory.layer)
const seed = process.env.TEST_SEED

describe("two shops that are the same", () => {
  it.live("agree", () =>
    Effect.gen(function* () {
      const { runs, commands } = yield* agree({ model, real: model, runs: 50, seed })
      expect(runs).toBe(50)
      expect(commands).toBeGreaterThan(500)
    })
  )
})

/** What is found here has been found before: a seed of its own would only make the test fail by chance. */
const faultySeeds = { shop: "1", money: "4" }

/** Commands of the shortest sequence. Money has an authorization and a capture where others have a payment. */
const limits = { shop: 6, money: 7 }

describe("a shop that", () => {
  for (const { does, stores, about = "shop" } of faults) {
    it.live(`${does} is found out within ${limits[about]} commands, and again by the replay [V1]`, () =>
      Effect.gen(function* () {
        const real = shopOn(stores)
        const found = yield* Effect.flip(
          agree({ model, real, about, runs: 300, seed: seed ?? faultySeeds[about] })
        )
        expect(found.commands.length, found.message).toBeLessThanOrEqual(limits[about])
        expect(found.model).not.toEqual(found.real)

        const again = yield* Effect.flip(agree({ model, real, about, replay: found.replay }))
        expect(again.commands).toEqual(found.commands)
        expect(again.real).toEqual(found.real)

        const repaired = yield* agree({ model, real: model, about, replay: found.replay })
        expect(repaired.runs).toBe(1)
      })
    )
  }
})
