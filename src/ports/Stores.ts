import { Context, type Effect } from "effect"
import type { AccountStore } from "./AccountStore.ts"
import type { AnalyticsStore } from "./AnalyticsStore.ts"
import type { CatalogStore } from "./CatalogStore.ts"
import type { StoreUnavailable } from "./errors.ts"
import type { IdempotencyKeyStore } from "./IdempotencyKeyStore.ts"
import type { IntegrityChecker } from "./IntegrityChecker.ts"
import type { OrderStore } from "./OrderStore.ts"
import type { PaymentStore } from "./PaymentStore.ts"
import type { ServiceTokenStore } from "./ServiceTokenStore.ts"
import type { SessionStore } from "./SessionStore.ts"
import type { VoucherStore } from "./VoucherStore.ts"

/** The state of the storage. */
export class StoreHealth extends Context.Service<
  StoreHealth,
  {
    /** Succeeds if the storage has its tables, answers queries and accepts writes. Fails with `StoreUnavailable`. */
    readonly check: Effect.Effect<void, StoreUnavailable>
    /** Milliseconds by which the clock of the storage is ahead of this process's. 0 if it has no clock of its own. */
    readonly clockOffset: Effect.Effect<number, StoreUnavailable>
  }
>()("effect-commerce/ports/StoreHealth") {}

/** All ports that a storage adapter provides. */
export type Stores =
  | AccountStore
  | SessionStore
  | ServiceTokenStore
  | CatalogStore
  | OrderStore
  | PaymentStore
  | VoucherStore
  | AnalyticsStore
  | IdempotencyKeyStore
  | IntegrityChecker
  | StoreHealth
