import { test } from "node:test"
import { Effect, ManagedRuntime } from "effect"
import * as Memory from "effect-commerce/memory"
import { laws, Seed } from "effect-commerce/testing"

/** Your store in the place of this one. */
const stores = ManagedRuntime.make(Memory.layer)

for (const { name, check } of laws) {
  test(name, () => stores.runPromise(Effect.provideService(check, Seed, process.env.TEST_SEED)))
}
