import { Context, Effect, Layer, Result } from "effect"
import type { ServiceToken } from "../../domain/accounts/ServiceToken.ts"
import type { Session } from "../../domain/accounts/Session.ts"
import type { Category } from "../../domain/catalog/Category.ts"
import type { Product } from "../../domain/catalog/Product.ts"
import type { FeedEvent } from "../../domain/orders/Feed.ts"
import type { Order, OrderEvent } from "../../domain/orders/Order.ts"
import type { PaymentOperation } from "../../domain/payments/PaymentOperation.ts"
import type { Redemption, Voucher } from "../../domain/pricing/Voucher.ts"
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
  OperationId,
  OrderId,
  PaymentId,
  ProductId,
  ServiceTokenId,
  SessionId,
  VoucherId
} from "../../domain/shared/Ids.ts"
import type { Credentials } from "../../ports/AccountStore.ts"
import type { Adjustment } from "../../ports/CatalogStore.ts"
import type { LeasedPayment } from "../../ports/PaymentStore.ts"

/** The stored result of an idempotency key. */
interface FulfilledKey {
  readonly at: Date
  readonly fingerprint: string
  readonly result: () => unknown
}

/** State of a shop in maps. JavaScript runs each operation to completion without interruption, so it is atomic. */
export interface MemoryTables {
  readonly accounts: Map<AccountId, Credentials>
  readonly resets: Map<AccountId, { readonly tokenHash: string; readonly expiresAt: Date }>
  readonly serviceTokens: Map<ServiceTokenId, { readonly token: ServiceToken; readonly hash: string }>
  readonly sessions: Map<SessionId, Session>
  /** By token hash. */
  readonly refreshTokens: Map<string, { readonly sessionId: SessionId; readonly used: boolean }>
  readonly categories: Map<CategoryId, Category>
  readonly products: Map<ProductId, Product>
  readonly adjustments: Array<Adjustment & { readonly productId: ProductId }>
  readonly orders: Map<OrderId, Order>
  readonly events: Map<OrderId, ReadonlyArray<OrderEvent>>
  /** Events of all orders, oldest first. */
  readonly feed: Array<FeedEvent>
  readonly vouchers: Map<VoucherId, Voucher>
  /** Uses of vouchers by order and voucher, those given back included. */
  readonly redemptions: Map<string, Redemption & { readonly orderId: OrderId; readonly released: boolean }>
  readonly payments: Map<PaymentId, LeasedPayment & { readonly leasedUntil: Date | null }>
  readonly operations: Map<
    OperationId,
    { readonly operation: PaymentOperation; readonly actor: string; readonly leasedUntil: Date | null }
  >
  readonly keys: Map<string, FulfilledKey>
}

/** Returns the state of a shop without data. */
export const empty = (): MemoryTables => ({
  accounts: new Map(),
  resets: new Map(),
  serviceTokens: new Map(),
  sessions: new Map(),
  refreshTokens: new Map(),
  categories: new Map(),
  products: new Map(),
  adjustments: [],
  orders: new Map(),
  events: new Map(),
  feed: [],
  vouchers: new Map(),
  redemptions: new Map(),
  payments: new Map(),
  operations: new Map(),
  keys: new Map()
})

/** State that all stores of one layer share. */
export class MemoryState extends Context.Service<MemoryState, MemoryTables>()(
  "effect-commerce/adapters/memory/MemoryState"
) {
  static readonly layer = Layer.sync(MemoryState, empty)
}

/** Runs a decision synchronously, which makes it atomic, and fails with its refusal. */
export const step = <A, E>(decide: () => Result.Result<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => Effect.fromResult(decide()))

/**
 * Runs a decision at most once per idempotency key. `replay` computes the result of a repeated call from the first
 * result. A refusal leaves the key unused.
 */
export const withIdempotency = <A, E>(
  state: MemoryTables,
  idempotency: IdempotencyClaim | undefined,
  at: Date,
  decide: () => Result.Result<A, E>,
  replay: (value: A) => A
): Effect.Effect<IdempotentResult<A>, E | IdempotencyKeyReused> =>
  step((): Result.Result<IdempotentResult<A>, E | IdempotencyKeyReused> => {
    if (idempotency === undefined) return Result.map(decide(), firstTime)
    const identity = JSON.stringify([idempotency.scope, idempotency.operation, idempotency.key])
    const known = state.keys.get(identity)
    if (known !== undefined) {
      return known.fingerprint === idempotency.fingerprint
        ? Result.succeed(replayed(known.result() as A))
        : Result.fail(new IdempotencyKeyReused({ key: idempotency.key }))
    }
    return Result.map(decide(), (value) => {
      state.keys.set(identity, { at, fingerprint: idempotency.fingerprint, result: () => replay(value) })
      return firstTime(value)
    })
  })
