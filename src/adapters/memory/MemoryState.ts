import { Context, Effect, Layer, Result } from "effect"
import type { Session } from "../../domain/accounts/Session.ts"
import type { Category } from "../../domain/catalog/Category.ts"
import type { Product } from "../../domain/catalog/Product.ts"
import type { FeedEvent } from "../../domain/orders/Feed.ts"
import type { Order, OrderEvent } from "../../domain/orders/Order.ts"
import {
  firstTime,
  type IdempotencyClaim,
  IdempotencyKeyReused,
  type IdempotentResult,
  replayed
} from "../../domain/shared/Idempotency.ts"
import type {
  AccountId,
  CategoryId,
  OrderId,
  PaymentId,
  ProductId,
  SessionId
} from "../../domain/shared/Ids.ts"
import type { Credentials } from "../../ports/AccountStore.ts"
import type { Adjustment } from "../../ports/CatalogStore.ts"
import type { LeasedPayment } from "../../ports/PaymentStore.ts"

/** An answer that was given under a key, as it is to be given again. */
interface Fulfilled {
  readonly at: Date
  readonly fingerprint: string
  readonly answer: () => unknown
}

/** All that a shop knows, in plain maps. Every operation on it is one synchronous step, and so atomic. */
export interface MemoryTables {
  readonly accounts: Map<AccountId, Credentials>
  readonly sessions: Map<SessionId, Session>
  /** By their hashes. */
  readonly refreshTokens: Map<string, { readonly sessionId: SessionId; readonly used: boolean }>
  readonly categories: Map<CategoryId, Category>
  readonly products: Map<ProductId, Product>
  readonly adjustments: Array<Adjustment & { readonly productId: ProductId }>
  readonly orders: Map<OrderId, Order>
  readonly events: Map<OrderId, ReadonlyArray<OrderEvent>>
  /** The events of all orders in the order they happened. */
  readonly feed: Array<FeedEvent>
  readonly payments: Map<PaymentId, LeasedPayment & { readonly leasedUntil: Date | null }>
  readonly keys: Map<string, Fulfilled>
}

export const empty = (): MemoryTables => ({
  accounts: new Map(),
  sessions: new Map(),
  refreshTokens: new Map(),
  categories: new Map(),
  products: new Map(),
  adjustments: [],
  orders: new Map(),
  events: new Map(),
  feed: [],
  payments: new Map(),
  keys: new Map()
})

/** The state that the stores of one layer share. */
export class MemoryState extends Context.Service<MemoryState, MemoryTables>()(
  "effect-commerce/adapters/memory/MemoryState"
) {
  static readonly layer = Layer.sync(MemoryState, empty)
}

/** One atomic step: it decides, and fails with the refusal if there is one. */
export const step = <A, E>(decide: () => Result.Result<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => Effect.fromResult(decide()))

/** A step that is taken once per key; a refusal leaves the key unused. `again` says what a replay answers. */
export const onceOnly = <A, E>(
  state: MemoryTables,
  idempotency: IdempotencyClaim | undefined,
  at: Date,
  decide: () => Result.Result<A, E>,
  again: (value: A) => A
): Effect.Effect<IdempotentResult<A>, E | IdempotencyKeyReused> =>
  step((): Result.Result<IdempotentResult<A>, E | IdempotencyKeyReused> => {
    if (idempotency === undefined) return Result.map(decide(), firstTime)
    const identity = JSON.stringify([idempotency.scope, idempotency.operation, idempotency.key])
    const known = state.keys.get(identity)
    if (known !== undefined) {
      return known.fingerprint === idempotency.fingerprint
        ? Result.succeed(replayed(known.answer() as A))
        : Result.fail(new IdempotencyKeyReused({ key: idempotency.key }))
    }
    return Result.map(decide(), (value) => {
      state.keys.set(identity, { at, fingerprint: idempotency.fingerprint, answer: () => again(value) })
      return firstTime(value)
    })
  })
