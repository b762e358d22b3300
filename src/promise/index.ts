/** The shop for hosts without Effect: promises, a Fetch handler, and errors as typed rejections. */
import { Cause, Clock, Effect, Exit, Layer, Result, Scope } from "effect"
import {
  PlatformScheduler,
  platformScheduler as scheduler
} from "../adapters/postgres/execution/PlatformScheduler.ts"
import { Draining, type DrainingState } from "../http/index.ts"
import { ensureShop } from "../services/Shops.ts"
import { commerceApiOf } from "./CommerceApi.ts"
import { closedResponse, type FetchHandler, failedResponse, fetchHandler, lazyFetchHandler } from "./Fetch.ts"
import { type HostLogger, layerClock, layerLogger } from "./Host.ts"
import { settledWithin } from "./HostTimers.ts"
import { InFlightCalls } from "./InFlightCalls.ts"
import { openCommerce } from "./OpenCommerce.ts"
import { type ReadsReplica, readsReplicaOf } from "./ReplicaApi.ts"
import { type CommerceSettings, decodeSettings } from "./Settings.ts"
import { type Shop, shopOf } from "./Shop.ts"
import { makeWithin } from "./Within.ts"

export {
  type BunSqlTransaction,
  type DrizzleTag,
  type DrizzleTransaction,
  type Executor,
  fromBunSql,
  fromDrizzle,
  fromKnex,
  fromKysely,
  fromMikroOrm,
  fromPg,
  fromPostgresJs,
  fromPrisma,
  fromTypeOrm,
  type HostParameter,
  type KnexTransaction,
  type KyselyCompiledQuery,
  type KyselyTransaction,
  type MikroOrmManager,
  type PgPool,
  type PgPoolClient,
  type PgStatement,
  type PgTransaction,
  type PostgresJsClient,
  type PostgresJsRows,
  type PostgresJsScope,
  type PostgresJsSession,
  type PostgresJsTransaction,
  type PrismaTransaction,
  type SharedPool,
  type TypeOrmManager,
  type TypeOrmQueryRunner
} from "../adapters/postgres/index.ts"
export {
  defineStages,
  IllegalStage,
  type StageOf,
  type StagesOfStatus,
  type StageTable
} from "../domain/fulfilment/Stage.ts"
export { type OrderChange, OrderRefused } from "../domain/orders/OrderChange.ts"
export type { GatewayAnswer, NextAction, Outcome } from "../domain/payments/Payment.ts"
export type { OperationAnswer } from "../domain/payments/SettleOperation.ts"
export {
  type Basket,
  type BasketLine,
  type PricingFunction,
  PricingRefused
} from "../domain/pricing/Pricing.ts"
export { type TariffPart, tariff } from "../domain/pricing/Tariff.ts"
export { BeforeCommitFailed } from "../ports/BeforeCommit.ts"
export type { Charge, GatewayOperation } from "../ports/PaymentGateway.ts"
export { CommerceClosed, type CommerceError, isCommerceError } from "../services/CommerceError.ts"
export type { AuthSettings } from "../settings/AuthSettings.ts"
export type {
  DatabaseSettings,
  EmbeddedDatabaseSettings,
  MemoryDatabaseSettings,
  ServerDatabaseSettings,
  SharedDatabaseSettings
} from "../settings/DatabaseSettings.ts"
export type { HttpSettings } from "../settings/HttpSettings.ts"
export type { MaintenanceSettings } from "../settings/MaintenanceSettings.ts"
export type { PaymentsSettings } from "../settings/PaymentsSettings.ts"
export type { RateLimit } from "../settings/SettingValue.ts"
export type { HostAuthenticate } from "./Authenticate.ts"
export type { BeforeCommitFunction, ChangeTransaction, QueryParameter } from "./BeforeCommit.ts"
export type { CommerceApi, Rejection } from "./CommerceApi.ts"
export type { Connection } from "./Connection.ts"
export type { CommerceHandler, FetchHandler } from "./Fetch.ts"
export type { HostGateway } from "./Gateway.ts"
export type { HostLogger } from "./Host.ts"
export type { CallOptions } from "./InFlightCalls.ts"
export {
  type NodeHandler,
  type NodeRequest,
  type NodeResponse,
  type RawReply,
  type RawRequest,
  toNodeHandler
} from "./NodeHandler.ts"
export type { Promised } from "./Promised.ts"
export type { ReadsReplica, ReplicaApi, ReplicaReads } from "./ReplicaApi.ts"
export type { CommerceSettings, HostAuthSettings, HostPaymentsSettings } from "./Settings.ts"
export type { Shop } from "./Shop.ts"
export type { Within } from "./Within.ts"

/** A shop that runs in this process until it is closed, and the shops beside it. */
export interface Commerce extends Shop, ReadsReplica {
  /**
   * Opens the shop of a name, such as `acme`, in a schema of its own beside that of this shop, on the same connections. Creates it unless
   * `database.migrate` is `false`: check names of requests before, or set it. A shop that is not used for 10 minutes is closed, and opened
   * again by its next call, so it can be kept for good; its `close` ends the use of this one result. Rejects with `InvalidInput` if the name
   * is not valid, with `ShopNotFound` if there is no such shop and none is created, and as `createCommerce` if its tables cannot be used.
   */
  readonly shop: (name: string) => Promise<Shop>
  /** Returns the names of all shops, sorted. Rejects with `StoreUnavailable` if one of several servers is unavailable. */
  readonly shops: () => Promise<ReadonlyArray<string>>
}

/** How long `close` waits for calls, and for connections to close, in milliseconds. */
const closeTimeout = 30_000

/** Warnings and errors, to where a host without a log looks first. */
const toConsole = (): HostLogger => {
  const { warn, error } = console
  return { warn, error }
}

/**
 * Opens a shop on its database, and looks after it from time to time (payments, expired orders, old keys) until it is
 * closed. Rejects with `InvalidInput` if the settings are wrong, and with `StoreUnavailable`, `DatabaseRefused`,
 * `SchemaTooNew`, `SchemaOutdated`, `EmbeddedUnavailable` or `DataDirectoryInUse` if the database cannot be used.
 */
export const createCommerce = async (settings: CommerceSettings): Promise<Commerce> => {
  const decoded = Result.getOrThrow(decodeSettings(settings))
  const scope = Scope.makeUnsafe()
  const draining: DrainingState = { isDraining: false }
  const host = Layer.mergeAll(
    layerLogger(decoded.logger ?? toConsole()),
    layerClock(decoded.clock ?? (() => Date.now())),
    PlatformScheduler,
    Layer.succeed(Draining, draining)
  )
  const release = (exit: Exit.Exit<unknown, unknown>) =>
    Effect.runPromise(Effect.provide(Scope.close(scope, exit), host), { scheduler })
  const start = Effect.gen(function* () {
    // A clock that tells no time is found now, and not by the first order.
    yield* Clock.currentTimeMillis
    const { services, inside, shops } = yield* openCommerce(decoded)
    const references = yield* Effect.context<never>()
    const openShops = yield* Effect.cached(Effect.provideContext(shops, yield* Effect.context<Scope.Scope>()))
    const makeHandler = "memory" in decoded.database ? lazyFetchHandler : fetchHandler
    return { services, inside, openShops, references, handle: yield* makeHandler(decoded, services) }
  })
  const started = await Effect.runPromiseExit(Scope.provide(Effect.provide(start, host), scope), {
    scheduler
  })
  if (Exit.isFailure(started)) {
    await release(started)
    throw Cause.squash(started.cause)
  }
  const { services, inside, openShops, references, handle } = started.value
  const calls = new InFlightCalls(references)
  const shutDown = async () => {
    // Readers of the feed that wait for events are answered.
    draining.isDraining = true
    if (!(await settledWithin(calls.close(), closeTimeout))) calls.interrupt()
    await settledWithin(release(Exit.void), closeTimeout)
  }
  let closing: Promise<void> | undefined
  const handler: FetchHandler = (request, connection) =>
    calls.closed ? Promise.resolve(closedResponse()) : calls.accept(() => handle(request, connection))
  const fail = (error: unknown) =>
    Effect.runPromiseWith(references)(
      Effect.as(Effect.logError("Unexpected error in a request", error), failedResponse())
    )
  const { basePath } = decoded.http
  const creates = "memory" in decoded.database || decoded.database.migrate
  return {
    ...commerceApiOf(services, calls),
    ...readsReplicaOf(services, calls),
    within: makeWithin(inside, references, calls),
    handler: Object.assign(handler, { basePath, fail }),
    shop: (name) =>
      calls.run(
        Effect.gen(function* () {
          const open = yield* openShops
          yield* ensureShop(open.shops, name, creates)
          const closeTimeoutOf = (promise: Promise<unknown>) => settledWithin(promise, closeTimeout)
          return shopOf(name, {
            open,
            shapes: services,
            references,
            calls,
            basePath,
            fail,
            closeTimeout: closeTimeoutOf
          })
        })
      ),
    shops: () => calls.run(Effect.flatMap(openShops, ({ shops }) => shops.list)),
    close: () => {
      closing ??= shutDown()
      return closing
    }
  }
}
