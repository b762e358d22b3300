/** The settings of `createCommerce`: the groups of `src/settings`, and what only a host without Effect gives. */
import { Effect, Predicate, Result, Schema } from "effect"
import { isStageTable, type StageTable } from "../domain/fulfilment/Stage.ts"
import type { PricingFunction } from "../domain/pricing/Pricing.ts"
import { decoder, type Fault, InvalidInput } from "../domain/shared/InvalidInput.ts"
import { type AuthSettings, authSettings } from "../settings/AuthSettings.ts"
import {
  type DatabaseSettings,
  EmbeddedDatabase,
  MemoryDatabase,
  ServerDatabase,
  SharedDatabase
} from "../settings/DatabaseSettings.ts"
import { Http, type HttpSettings } from "../settings/HttpSettings.ts"
import { Maintenance, type MaintenanceSettings } from "../settings/MaintenanceSettings.ts"
import { type PaymentsSettings, paymentsSettings } from "../settings/PaymentsSettings.ts"
import { groupSchema, optional } from "../settings/Setting.ts"
import { flag, hostValue } from "../settings/SettingValue.ts"
import type { HostAuthenticate } from "./Authenticate.ts"
import type { BeforeCommitFunction } from "./BeforeCommit.ts"
import type { HostGateway } from "./Gateway.ts"
import type { HostLogger } from "./Host.ts"

const hasFunctions = (value: unknown, ...names: ReadonlyArray<string>) =>
  names.every((name) => Predicate.hasProperty(value, name) && Predicate.isFunction(value[name]))

const isGateway = (value: unknown): value is "simulated" | HostGateway =>
  value === "simulated" ||
  (hasFunctions(value, "accepts", "charge") &&
    (!Predicate.hasProperty(value, "operate") ||
      value.operate === undefined ||
      Predicate.isFunction(value.operate)))

const isLogger = (value: unknown): value is HostLogger => Predicate.isObject(value)

const isPricing = (value: unknown): value is PricingFunction => Predicate.isFunction(value)

const isBeforeCommit = (value: unknown): value is BeforeCommitFunction => Predicate.isFunction(value)

const isClock = (value: unknown): value is () => number | Date => Predicate.isFunction(value)

const isAuthenticate = (value: unknown): value is HostAuthenticate => Predicate.isFunction(value)

/** The settings of accounts, with the users of the host. */
export const hostAuthSettings = {
  authenticate: optional(hostValue("a function", isAuthenticate), {
    description:
      "Returns the user of yours who sends a request to `handler`: `{ id, role }` with the role `customer` or `admin`, or `null`. The id is any text of 1 to 255 visible characters, and becomes the `customerId`. It is called for each request that needs a user, and nothing is kept between requests. A rejection or another answer is logged, and the request gets a 500.",
    fallback: "none: access tokens of accounts say who sends a request"
  }),
  accounts: optional(flag, {
    description:
      "Whether the shop has accounts of its own, with `/auth` and access tokens. Without them no secret is needed, and `accounts` rejects with `AccountsDisabled`. With `authenticate` too, a token counts where `authenticate` returns `null`.",
    fallback: "`true`, and to `false` with `auth.authenticate`"
  }),
  ...authSettings
} as const

/** The settings of payments, with the gateway. */
export const hostPaymentsSettings = {
  gateway: optional(hostValue("simulated, or an object with the functions accepts and charge", isGateway), {
    description:
      "How payments are charged. `simulated` moves no money: it approves `sim_approve` and declines `sim_decline`.",
    fallback: "none: `payments.pay` is refused, and `payments.record` stores charges of your own"
  }),
  ...paymentsSettings
} as const

/** The settings outside the groups. */
export const hostSettings = {
  pricing: optional(hostValue("a function", isPricing), {
    description:
      "The fees, discounts and taxes of an order: a synchronous function of the basket, such as `tariff` makes.",
    fallback: "none but the vouchers that customers name"
  }),
  stages: optional(hostValue("stages as defineStages takes them", isStageTable), {
    description:
      "The words of the shop inside a status, with the moves between them, as `defineStages` checks them.",
    fallback: "none"
  }),
  beforeCommit: optional(hostValue("a function", isBeforeCommit), {
    description:
      "Runs in the transaction of each change of orders, before its COMMIT: writes rows of the host, and may refuse orders.",
    fallback: "none"
  }),
  clock: optional(hostValue("a function", isClock), {
    description: "Returns the time, as a `Date` or in milliseconds since 1970. Timeouts use real time.",
    fallback: "the system's clock"
  }),
  logger: optional(hostValue("an object with functions such as warn and error", isLogger), {
    description: "Receives the log, by one function for each level.",
    fallback: "`console`, for warnings and errors"
  })
} as const

/** Accounts, tokens and passwords, or the users of the host. */
export interface HostAuthSettings extends AuthSettings {
  /**
   * Returns the user of yours who sends a request to `handler`: `{ id, role }` with the role `customer` or
   * `admin`, or `null`. The id is any text of 1 to 255 visible characters, and becomes the `customerId`. It
   * is called for each request that needs a user, and nothing is kept between requests. A rejection or
   * another answer is logged, and the request gets a 500. Defaults to none: access tokens of accounts say who
   * sends a request.
   */
  readonly authenticate?: HostAuthenticate | undefined
  /**
   * Whether the shop has accounts of its own, with `/auth` and access tokens. Without them no secret is
   * needed, and `accounts` rejects with `AccountsDisabled`. With `authenticate` too, a token counts where
   * `authenticate` returns `null`. Defaults to `true`, and to `false` with `auth.authenticate`.
   */
  readonly accounts?: boolean | undefined
}

/** Payments. */
export interface HostPaymentsSettings extends PaymentsSettings {
  /**
   * How payments are charged. `simulated` moves no money: it approves `sim_approve` and declines
   * `sim_decline`. Defaults to none: `payments.pay` is refused, and `payments.record` stores charges of your
   * own.
   */
  readonly gateway?: "simulated" | HostGateway | undefined
}

/** The settings of `createCommerce`. Durations are in milliseconds, or text such as `"15 minutes"`. */
export interface CommerceSettings {
  /** The database that holds the tables. */
  readonly database: DatabaseSettings
  /** Accounts, tokens and passwords, or the users of the host. */
  readonly auth?: HostAuthSettings | undefined
  /** The HTTP API that `handler` serves. */
  readonly http?: HttpSettings | undefined
  /** Payments. */
  readonly payments?: HostPaymentsSettings | undefined
  /** The work that the shop does by itself. */
  readonly maintenance?: MaintenanceSettings | undefined
  /**
   * The fees, discounts and taxes of an order: a synchronous function of the basket, such as `tariff` makes.
   * Defaults to none but the vouchers that customers name.
   */
  readonly pricing?: PricingFunction | undefined
  /**
   * The words of the shop inside a status, with the moves between them, as `defineStages` checks them.
   * Defaults to none.
   */
  readonly stages?: StageTable | undefined
  /**
   * Runs in the transaction of each change of orders, before its COMMIT: writes rows of the host, and may
   * refuse orders. Defaults to none.
   */
  readonly beforeCommit?: BeforeCommitFunction | undefined
  /**
   * Returns the time, as a `Date` or in milliseconds since 1970. Timeouts use real time. Defaults to the
   * system's clock.
   */
  readonly clock?: (() => number | Date) | undefined
  /** Receives the log, by one function for each level. Defaults to `console`, for warnings and errors. */
  readonly logger?: HostLogger | undefined
}

const others = {
  auth: groupSchema(hostAuthSettings).pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  http: Http.pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  payments: groupSchema(hostPaymentsSettings).pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  maintenance: Maintenance.pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  ...groupSchema(hostSettings).fields
}

const OnServer = Schema.Struct({ database: ServerDatabase, ...others })
const OnPool = Schema.Struct({ database: SharedDatabase, ...others })
const OnEmbedded = Schema.Struct({ database: EmbeddedDatabase, ...others })
const InMemory = Schema.Struct({ database: MemoryDatabase, ...others })

/** The decoded settings of a shop on PostgreSQL, with every default. */
export type SettingsOnSql = typeof OnServer.Type | typeof OnPool.Type | typeof OnEmbedded.Type

/** The decoded settings, with every default. */
export type DecodedSettings = SettingsOnSql | typeof InMemory.Type

const decode = {
  onServer: decoder(OnServer, { onExcessProperty: "error" }),
  onPool: decoder(OnPool, { onExcessProperty: "error" }),
  onEmbedded: decoder(OnEmbedded, { onExcessProperty: "error" }),
  inMemory: decoder(InMemory, { onExcessProperty: "error" })
}

const noSecret: Fault = {
  path: "/auth/jwtSecret",
  message: `Expected ${authSettings.jwtSecret.value.expected}, the same in all processes`
}

/** Whether the shop has accounts of its own. */
export const hasAccounts = ({
  accounts,
  authenticate
}: Pick<HostAuthSettings, "accounts" | "authenticate">) => accounts ?? authenticate === undefined

const lacksSecret = (settings: unknown) => {
  const auth = Object(Object(settings).auth)
  return hasAccounts(auth) && auth.jwtSecret === undefined
}

const cannotCapture: Fault = {
  path: "/payments/capture",
  message: "Expected now, because the gateway has no function operate"
}

const capturesWithout = ({ payments: { capture, gateway } }: DecodedSettings) =>
  capture === "later" && gateway !== "simulated" && gateway?.operate === undefined

/**
 * Decodes settings. Fails with `InvalidInput`, which lists every fault: unknown settings, a missing secret, and a gateway that cannot
 * capture later.
 */
export const decodeSettings = (settings: unknown): Result.Result<DecodedSettings, InvalidInput> =>
  Result.filterOrFail(
    decodeEach(settings),
    (decoded) => !capturesWithout(decoded),
    () => new InvalidInput({ errors: [cannotCapture] })
  )

const decodeEach = (settings: unknown): Result.Result<DecodedSettings, InvalidInput> => {
  const database = Predicate.hasProperty(settings, "database") ? settings.database : undefined
  const isServer = Predicate.hasProperty(database, "url")
  const isEmbedded = Predicate.hasProperty(database, "embedded")
  const isInMemory = Predicate.hasProperty(database, "memory") && !isEmbedded
  const isOnPool = Predicate.hasProperty(database, "pool") && !(isEmbedded || isInMemory)
  if (!(isServer || isOnPool)) return isInMemory ? decode.inMemory(settings) : decode.onEmbedded(settings)
  const decoded: Result.Result<DecodedSettings, InvalidInput> = isServer
    ? decode.onServer(settings)
    : decode.onPool(settings)
  if (!lacksSecret(settings)) return decoded
  const faults = Result.isFailure(decoded) ? decoded.failure.errors : []
  return Result.fail(new InvalidInput({ errors: [...faults, noSecret] }))
}
