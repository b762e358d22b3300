import { layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TimeSource } from "../../src/adapters/postgres/index.ts"
import type { Stores } from "../../src/ports/Stores.ts"
import { type Law, laws, Seed } from "../../src/testing/contract/index.ts"
import { FeedPatience } from "../../src/testing/FeedPatience.ts"

/**
 * A failure names its seed; `TEST_SEED` makes the same data again. The server is shared: transactions of other tests hold up the
 * feed.
 */
export const checkWithSeed = (check: Law["check"]) =>
  check.pipe(Effect.provideService(Seed, process.env.TEST_SEED), Effect.provideService(FeedPatience, 60_000))

/** Lets the clock of the process decide what is old: laws set the time. */
export const onProcessTime = <A, E, R>(stores: Layer.Layer<A, E, R>) =>
  Layer.provide(stores, Layer.succeed(TimeSource, "process"))

/** Every law, or those that are named, as a test of an adapter. */
export const obeysTheLaws = <E>(
  name: string,
  stores: Layer.Layer<Stores, E>,
  which: ReadonlyArray<Law> = laws
) =>
  layer(onProcessTime(stores), { excludeTestServices: true })(name, (it) => {
    for (const { name, check } of which) it.effect(name, () => checkWithSeed(check))
  })
