import { test } from "node:test"
import { Effect, ManagedRuntime } from "effect"
import { laws, Seed, suites } from "effect-commerce/testing"
import { storesIn } from "./stores.ts"

const stores = ManagedRuntime.make(storesIn(":memory:"))

/** Those of its own first, since they are what it is about. */
const { accounts, accountListing, sessions, locking, resets } = suites
const own = [...accounts, ...accountListing, ...sessions, ...locking, ...resets]

for (const { name, check } of new Set([...own, ...laws])) {
  test(name, () => stores.runPromise(Effect.provideService(check, Seed, process.env.TEST_SEED)))
}

test.after(() => stores.dispose())
