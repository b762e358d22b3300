/** The shop for hosts without Effect: promises, a Fetch handler, and errors as typed rejections. */
import { Cause, Effect, Exit, Layer, Result, Scope } from "effect"
import { type CommerceApi, commerceApiOf } from "./CommerceApi.ts"
import { closedResponse, type FetchHandler, fetchHandler } from "./Fetch.ts"
import { type HostLogger, layerClock, layerLogger } from "./Host.ts"
import { InFlightCalls } from "./InFlightCalls.ts"
import { openCommerce } from "./OpenCommerce.ts"
import { type CommerceSettings, decodeSettings } from "./Settings.ts"
import { makeWithin, type Within } from "./Within.ts"

export {
  type DrizzleTag,
  type DrizzleTransaction,
  type Executor,
  fromDrizzle,
  fromKysely,
  fromPg,
  fromPostgresJs,
  type HostParameter,
  type KyselyCompiledQuery,
  type KyselyTransaction,
  type PgTransaction,
  type PostgresJsTransaction
} from "../adapters/postgres/index.ts"
export { CommerceClosed, type CommerceError, isCommerceError } from "../services/CommerceError.ts"
export type { AuthSettings } from "../settings/AuthSettings.ts"
export type {
  DatabaseSettings,
  EmbeddedDatabaseSettings,
  ServerDatabaseSettings
} from "../settings/DatabaseSettings.ts"
export type { HttpSettings } from "../settings/HttpSettings.ts"
export type { MaintenanceSettings } from "../settings/MaintenanceSettings.ts"
export type { PaymentsSettings } from "../settings/PaymentsSettings.ts"
export type { RateLimit } from "../settings/SettingValue.ts"
export type { CommerceApi, Rejection } from "./CommerceApi.ts"
export type { Connection, FetchHandler } from "./Fetch.ts"
export type { HostGateway } from "./Gateway.ts"
export type { HostLogger } from "./Host.ts"
export type { CallOptions } from "./InFlightCalls.ts"
export type { Promised } from "./Promised.ts"
export type { CommerceSettings, HostPaymentsSettings } from "./Settings.ts"
export type { Within } from "./Within.ts"

/** A shop that runs in this process until it is closed. */
export interface Commerce extends CommerceApi {
  /**
   * Does work in a transaction that the host holds open on its own connection to this database: what is done there is
   * committed and rolled back with it, refusals leave it usable, and only `payments.pay` and `recover` refuse with
   * `TransactionOpen`. Rejects as `work` does. While a call of ours is running, the host runs nothing on that connection.
   */
  readonly within: Within
  /** The HTTP API as a Fetch handler; after `close` it answers 503. */
  readonly handler: FetchHandler
  /** Accepts no more calls, answers those that were accepted, and releases everything. Calls afterwards: `CommerceClosed`. */
  readonly close: () => Promise<void>
}

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
  const release = (exit: Exit.Exit<unknown, unknown>) => Effect.runPromise(Scope.close(scope, exit))
  const host = Layer.merge(
    layerLogger(decoded.logger ?? toConsole()),
    decoded.clock === undefined ? Layer.empty : layerClock(decoded.clock)
  )
  const start = Effect.gen(function* () {
    const { services, inside } = yield* openCommerce(decoded)
    const references = yield* Effect.context<never>()
    return { services, inside, references, handle: yield* fetchHandler(decoded.http, services) }
  })
  const started = await Effect.runPromiseExit(Scope.provide(Effect.provide(start, host), scope))
  if (Exit.isFailure(started)) {
    await release(started)
    throw Cause.squash(started.cause)
  }
  const { services, inside, references, handle } = started.value
  const calls = new InFlightCalls(references)
  let closing: Promise<void> | undefined
  return {
    ...commerceApiOf(services, calls),
    within: makeWithin(inside, references, calls),
    handler: (request, connection) =>
      calls.closed ? Promise.resolve(closedResponse()) : calls.accept(() => handle(request, connection)),
    close: () => {
      closing ??= calls.close().then(() => release(Exit.void))
      return closing
    }
  }
}
