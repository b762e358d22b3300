import { Effect, Layer, Redacted, Scope } from "effect"
import type { SqlClient } from "effect/sql"
import * as Bcrypt from "../adapters/bcrypt.ts"
import * as Jose from "../adapters/jose.ts"
import * as Memory from "../adapters/memory/index.ts"
import * as Embedded from "../adapters/pglite/index.ts"
import * as Postgres from "../adapters/postgres/index.ts"
import * as SimulatedPayments from "../adapters/simulated-payments.ts"
import { noStages } from "../domain/fulfilment/Stage.ts"
import { vouchersOnly } from "../domain/pricing/Pricing.ts"
import { type StoreUnavailable, withReason } from "../ports/errors.ts"
import { Pricing } from "../ports/Pricing.ts"
import { Stages } from "../ports/Stages.ts"
import * as Commerce from "../services/Commerce.ts"
import { NoTransactions } from "../services/CommerceError.ts"
import { layerNoAccounts } from "../services/NoAccounts.ts"
import { layerNoGateway } from "../services/NoGateway.ts"
import { layerBeforeCommit } from "./BeforeCommit.ts"
import { layerGateway } from "./Gateway.ts"
import { openShopsInMemory, openShopsOnSql } from "./OpenShops.ts"
import { type DecodedSettings, hasAccounts, type SettingsOnSql } from "./Settings.ts"

type Unopened = StoreUnavailable | Embedded.DataDirectoryInUse | Embedded.EmbeddedUnavailable

const client = ({ database }: SettingsOnSql): Layer.Layer<SqlClient.SqlClient, Unopened> => {
  if ("url" in database) return Postgres.layerClient(database)
  return "embedded" in database
    ? Embedded.layerClient({ dataDir: database.embedded })
    : Postgres.layerPool(database.pool)
}

const replica = ({ database }: SettingsOnSql): Layer.Layer<never> =>
  "url" in database && database.replica !== undefined
    ? Postgres.layerReplica({ ...database, url: database.replica, maxLag: database.maxReplicaLag })
    : Layer.empty

type Unprepared =
  | StoreUnavailable
  | Postgres.DatabaseRefused
  | Postgres.SchemaTooNew
  | Postgres.SchemaOutdated

const prepare = ({
  database: { migrate, schema }
}: SettingsOnSql): Effect.Effect<unknown, Unprepared, SqlClient.SqlClient> =>
  migrate ? Postgres.migrate(schema) : Postgres.requireMigrated(schema)

/** Two UUIDs have 244 random bits. */
const randomSecret = Effect.sync(() => Redacted.make(`${crypto.randomUUID()}${crypto.randomUUID()}`))

const secret = ({ auth: { jwtSecret }, database }: DecodedSettings) => {
  if (jwtSecret !== undefined) return Effect.succeed(jwtSecret)
  if ("memory" in database) return randomSecret
  return "embedded" in database
    ? Embedded.persistedSecret(database.embedded)
    : Effect.die(new Error("Settings on a server are decoded with a secret"))
}

const payments = ({ payments: { gateway } }: DecodedSettings) => {
  if (gateway === undefined) return layerNoGateway
  return gateway === "simulated" ? SimulatedPayments.layer() : layerGateway(gateway)
}

const ports = Effect.fnUntraced(function* (settings: DecodedSettings) {
  const { accessTokenTtl, bcryptCost, previousSecrets } = settings.auth
  if (!hasAccounts(settings.auth)) return yield* Layer.build(Layer.merge(layerNoAccounts, payments(settings)))
  const options = { secret: yield* secret(settings), previousSecrets, accessTokenTtl }
  const tokens = Layer.merge(Jose.layer(options), Jose.layerShops(options))
  return yield* Layer.build(Layer.mergeAll(tokens, Bcrypt.layer({ cost: bcryptCost }), payments(settings)))
})

/** The ports that do not depend on the database, and the rules of the shop. */
const around = Effect.fnUntraced(function* (settings: DecodedSettings) {
  const rules = Layer.mergeAll(
    Layer.succeed(Pricing, settings.pricing ?? vouchersOnly),
    Layer.succeed(Stages, settings.stages ?? noStages)
  )
  return Layer.merge(Layer.succeedContext(yield* ports(settings)), rules)
})

const openInMemory = Effect.fnUntraced(function* (settings: DecodedSettings) {
  const outside = yield* around(settings)
  const services = Commerce.layer(settings).pipe(
    Layer.provideMerge(Layer.provide(Memory.layer, layerBeforeCommit(settings.beforeCommit))),
    Layer.provide(outside)
  )
  return {
    services: yield* Layer.build(services),
    inside: new NoTransactions(),
    shops: openShopsInMemory(settings, outside)
  }
})

const openOnSql = Effect.fnUntraced(function* (settings: SettingsOnSql) {
  const own = yield* Layer.build(client(settings)).pipe(
    Effect.tap((built) => Effect.provideContext(prepare(settings), built)),
    Effect.catchTag("StoreUnavailable", (error) => Effect.fail(withReason(error)))
  )
  const isProcessTime = settings.clock !== undefined || "embedded" in settings.database
  const timeSource = Layer.succeed(Postgres.TimeSource, isProcessTime ? "process" : "server")
  const stores = Postgres.layer({ schema: settings.database.schema }).pipe(
    Layer.provide(timeSource),
    Layer.provide(layerBeforeCommit(settings.beforeCommit))
  )
  const outside = yield* around(settings)
  const services = Commerce.layer(settings).pipe(
    Layer.provideMerge(Layer.provide(stores, replica(settings))),
    Layer.provide([Layer.succeedContext(own), outside])
  )
  const inside = Commerce.layerServices(settings).pipe(
    Layer.provide(stores),
    Layer.provide([Postgres.layerHost, outside]),
    Layer.fresh
  )
  return {
    services: yield* Layer.build(services),
    inside: yield* Effect.cached(Scope.provide(Layer.build(inside), yield* Effect.scope)),
    shops: openShopsOnSql(settings, Layer.succeedContext(own), timeSource, outside)
  }
})

const isOnSql = (settings: DecodedSettings): settings is SettingsOnSql => !("memory" in settings.database)

/**
 * Opens the shop that the settings describe, on its own database; `inside` are its services for transactions of hosts. `shops` opens the
 * directory of the shops beside it, which costs nothing before.
 */
export const openCommerce = (settings: DecodedSettings) =>
  isOnSql(settings) ? openOnSql(settings) : openInMemory(settings)
