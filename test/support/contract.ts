import { layer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import type { Stores } from "../../src/ports/Stores.ts"
import { type Law, laws, Seed } from "../../src/testing/contract/index.ts"

/** A failure tells its seed; `TEST_SEED` makes the same data again. */
export const checkWithSeed = (check: Law["check"]) =>
  Effect.provideService(check, Seed, process.env.TEST_SEED)

/** Every law, or those that are named, as a test of an adapter. */
export const obeysTheLaws = <E>(
  name: string,
  stores: Layer.Layer<Stores, E>,
  which: ReadonlyArray<Law> = laws
) =>
  layer(stores, { excludeTestServices: true })(name, (it) => {
    for (const { name, check } of which) it.effect(name, () => checkWithSeed(check))
  })
