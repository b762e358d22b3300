/** A shop on a PostgreSQL server: all services, with a client of their own. */
import { assert } from "@effect/vitest"
import { Context, type Duration, Effect, Layer, Redacted, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import * as Bcrypt from "../../src/adapters/bcrypt.ts"
import * as Jose from "../../src/adapters/jose.ts"
import * as Postgres from "../../src/adapters/postgres/index.ts"
import * as SimulatedPayments from "../../src/adapters/simulated-payments.ts"
import { BeforeCommit, type BeforeCommitHook } from "../../src/ports/BeforeCommit.ts"
import type { PaymentGateway } from "../../src/ports/PaymentGateway.ts"
import { StoreHealth } from "../../src/ports/Stores.ts"
import { Accounts } from "../../src/services/Accounts.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"
import { ServiceTokens } from "../../src/services/ServiceTokens.ts"
import { Verification } from "../../src/services/Verification.ts"
import { Vouchers } from "../../src/services/Vouchers.ts"
import type { PaymentsSettings } from "../../src/settings/PaymentsSettings.ts"

export interface TestShop {
  readonly url: Redacted.Redacted
  readonly accounts: Accounts["Service"]
  readonly serviceTokens: ServiceTokens["Service"]
  readonly catalog: Catalog["Service"]
  readonly orders: Orders["Service"]
  readonly payments: Payments["Service"]
  readonly vouchers: Vouchers["Service"]
  readonly verification: Verification["Service"]
  readonly health: StoreHealth["Service"]
  readonly sql: SqlClient.SqlClient
}

export interface ShopSettings {
  readonly pool?: number
  readonly client?: Layer.Layer<SqlClient.SqlClient, unknown>
  readonly gateway?: Layer.Layer<PaymentGateway>
  readonly gatewayTimeout?: Duration.Input
  readonly payments?: Omit<PaymentsSettings, "timeout">
  readonly limits?: Partial<Postgres.ExecutionLimits>
  /** The hook of the host, on the client of the shop. */
  readonly beforeCommit?: (sql: SqlClient.SqlClient) => BeforeCommitHook
}

/** All services on a database, with connections of their own, and without the maintenance that a server does. */
export const openShop = Effect.fnUntraced(function* (
  url: Redacted.Redacted,
  {
    pool,
    gateway = SimulatedPayments.layer({ faults: true }),
    gatewayTimeout,
    payments = {},
    client,
    limits,
    beforeCommit
  }: ShopSettings = {}
): Effect.fn.Return<TestShop, never, Scope.Scope> {
  const secret = Redacted.make("a secret that only these tests know")
  const hook = Layer.effect(
    BeforeCommit,
    Effect.map(SqlClient.SqlClient, (sql) => beforeCommit?.(sql))
  )
  const services = Layer.mergeAll(
    Accounts.layer(),
    ServiceTokens.layer,
    Catalog.layer,
    Layer.provideMerge(Orders.layer, Payments.layer({ ...payments, timeout: gatewayTimeout })),
    Vouchers.layer,
    Verification.layer
  ).pipe(
    Layer.provide([Bcrypt.layer({ cost: 4 }), Jose.layer({ secret }), gateway]),
    Layer.provideMerge(Layer.provide(Postgres.layer(), hook)),
    Layer.provideMerge(client ?? Postgres.layerClient({ url, pool }))
  )
  const built = yield* Effect.orDie(Layer.build(Layer.fresh(services))).pipe(
    Effect.updateService(Postgres.Limits, (usual) => ({ ...usual, ...limits }))
  )
  return {
    url,
    accounts: Context.get(built, Accounts),
    serviceTokens: Context.get(built, ServiceTokens),
    catalog: Context.get(built, Catalog),
    orders: Context.get(built, Orders),
    payments: Context.get(built, Payments),
    vouchers: Context.get(built, Vouchers),
    verification: Context.get(built, Verification),
    health: Context.get(built, StoreHealth),
    sql: Context.get(built, SqlClient.SqlClient)
  }
})

/** Every invariant holds. */
export const isRight = ({ verification }: TestShop) =>
  Effect.map(verification.verify(), ({ violations }) => assert.deepStrictEqual(violations, []))
