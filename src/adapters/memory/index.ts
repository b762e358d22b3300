/** In-memory implementation of all stores, for tests and experiments. The SQL adapter is tested against it. */
import { Effect, Layer } from "effect"
import { IdempotencyKeyStore } from "../../ports/IdempotencyKeyStore.ts"
import { StoreHealth, type Stores } from "../../ports/Stores.ts"
import { MemoryAccountStore } from "./MemoryAccountStore.ts"
import { MemoryAnalyticsStore } from "./MemoryAnalyticsStore.ts"
import { MemoryCatalogStore } from "./MemoryCatalogStore.ts"
import { MemoryIntegrityChecker } from "./MemoryIntegrityChecker.ts"
import { MemoryOrderStore } from "./MemoryOrderStore.ts"
import { MemoryPaymentStore } from "./MemoryPaymentStore.ts"
import { MemoryServiceTokenStore } from "./MemoryServiceTokenStore.ts"
import { MemorySessionStore } from "./MemorySessionStore.ts"
import { memoryShopDirectory } from "./MemoryShopDirectory.ts"
import { MemoryState } from "./MemoryState.ts"
import { MemoryTransactions } from "./MemoryTransactions.ts"
import { MemoryVoucherStore } from "./MemoryVoucherStore.ts"

const MemoryIdempotencyKeyStore = Layer.effect(
  IdempotencyKeyStore,
  Effect.map(Effect.all([MemoryState, MemoryTransactions]), ([state, transactions]) =>
    transactions.transactional<IdempotencyKeyStore["Service"]>({
      prune: (before, take) =>
        Effect.sync(() => {
          const old = [...state.keys].filter(([, { at }]) => at < before).slice(0, take)
          for (const [identity] of old) state.keys.delete(identity)
          return old.length
        })
    })
  )
)

const health = Layer.succeed(
  StoreHealth,
  StoreHealth.of({ check: Effect.void, clockOffset: Effect.succeed(0) })
)

/** Provides all stores in the memory of this process. They start empty, and their data ends with the layer. */
export const layer: Layer.Layer<Stores> = Layer.mergeAll(
  MemoryAccountStore,
  MemorySessionStore,
  MemoryServiceTokenStore,
  MemoryCatalogStore,
  MemoryOrderStore,
  MemoryPaymentStore,
  MemoryVoucherStore,
  MemoryAnalyticsStore,
  MemoryIdempotencyKeyStore,
  MemoryIntegrityChecker,
  health
).pipe(Layer.provide(MemoryTransactions.layer), Layer.provide(MemoryState.layer))

/** Provides shops in the memory of this process. Their data end with the layer. */
export const layerShops = memoryShopDirectory(layer)
