import { Context, type Effect } from "effect"
import type { AccountStore } from "./AccountStore.ts"
import type { AnalyticsStore } from "./AnalyticsStore.ts"
import type { CatalogStore } from "./CatalogStore.ts"
import type { StoreUnavailable } from "./errors.ts"
import type { IdempotencyKeyStore } from "./IdempotencyKeyStore.ts"
import type { IntegrityChecker } from "./IntegrityChecker.ts"
import type { OrderStore } from "./OrderStore.ts"
import type { PaymentStore } from "./PaymentStore.ts"
import type { SessionStore } from "./SessionStore.ts"

/** Checks whether the storage can answer queries. Fails with `StoreUnavailable`. */
export class StoreHealth extends Context.Service<
  StoreHealth,
  { readonly check: Effect.Effect<void, StoreUnavailable> }
>()("effect-commerce/ports/StoreHealth") {}

/** All ports that a storage adapter provides. */
export type Stores =
  | AccountStore
  | SessionStore
  | CatalogStore
  | OrderStore
  | PaymentStore
  | AnalyticsStore
  | IdempotencyKeyStore
  | IntegrityChecker
  | StoreHealth
