/** The model: every store in plain maps, for tests and for trying things out. Nothing outlives its layer. */
import { Effect, Layer } from "effect"
import { IdempotencyKeyStore } from "../../ports/IdempotencyKeyStore.ts"
import { StoreHealth, type Stores } from "../../ports/Stores.ts"
import { MemoryAccountStore } from "./MemoryAccountStore.ts"
import { MemoryAnalyticsStore } from "./MemoryAnalyticsStore.ts"
import { MemoryCatalogStore } from "./MemoryCatalogStore.ts"
import { MemoryIntegrityChecker } from "./MemoryIntegrityChecker.ts"
import { MemoryOrderStore } from "./MemoryOrderStore.ts"
import { MemoryPaymentStore } from "./MemoryPaymentStore.ts"
import { MemorySessionStore } from "./MemorySessionStore.ts"
import { MemoryState } from "./MemoryState.ts"

const MemoryIdempotencyKeyStore = Layer.effect(
  IdempotencyKeyStore,
  Effect.map(MemoryState, (state) =>
    IdempotencyKeyStore.of({
      prune: (before, take) =>
        Effect.sync(() => {
          const old = [...state.keys].filter(([, { at }]) => at < before).slice(0, take)
          for (const [identity] of old) state.keys.delete(identity)
          return old.length
        })
    })
  )
)

const health = Layer.succeed(StoreHealth, StoreHealth.of({ check: Effect.void }))

/** All stores in maps, empty at first and gone with the layer; for one process, and for tests. */
export const layer: Layer.Layer<Stores> = Layer.mergeAll(
  MemoryAccountStore,
  MemorySessionStore,
  MemoryCatalogStore,
  MemoryOrderStore,
  MemoryPaymentStore,
  MemoryAnalyticsStore,
  MemoryIdempotencyKeyStore,
  MemoryIntegrityChecker,
  health
).pipe(Layer.provide(MemoryState.layer))
