import { Effect, Layer, Scope } from "effect"
import type { SqlClient } from "effect/sql"
import * as Bcrypt from "../adapters/bcrypt.ts"
import * as Jose from "../adapters/jose.ts"
import * as Embedded from "../adapters/pglite/index.ts"
import * as Postgres from "../adapters/postgres/index.ts"
import * as SimulatedPayments from "../adapters/simulated-payments.ts"
import { noStages } from "../domain/fulfilment/Stage.ts"
import { vouchersOnly } from "../domain/pricing/Pricing.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { Pricing } from "../ports/Pricing.ts"
import { Stages } from "../ports/Stages.ts"
import * as Commerce from "../services/Commerce.ts"
import { layerGateway } from "./Gateway.ts"
import type { DecodedSettings } from "./Settings.ts"

type Unopened = StoreUnavailable | Embedded.DataDirectoryInUse | Embedded.EmbeddedUnavailable

const client = ({ database }: DecodedSettings): Layer.Layer<SqlClient.SqlClient, Unopened> =>
  "url" in database ? Postgres.layerClient(database) : Embedded.layerClient({ dataDir: database.embedded })

type Unprepared =
  | StoreUnavailable
  | Postgres.DatabaseRefused
  | Postgres.SchemaTooNew
  | Postgres.SchemaOutdated

const prepare = ({
  database: { migrate, schema }
}: DecodedSettings): Effect.Effect<unknown, Unprepared, SqlClient.SqlClient> =>
  migrate ? Postgres.migrate(schema) : Postgres.requireMigrated(schema)

const secret = ({ auth: { jwtSecret }, database }: DecodedSettings) => {
  if (jwtSecret !== undefined) return Effect.succeed(jwtSecret)
  return "embedded" in database
    ? Embedded.persistedSecret(database.embedded)
    : Effect.die(new Error("Settings on a server are decoded with a secret"))
}

const ports = Effect.fnUntraced(function* (settings: DecodedSettings) {
  const { accessTokenTtl, bcryptCost, previousSecrets } = settings.auth
  const { gateway } = settings.payments
  const tokens = Jose.layer({ secret: yield* secret(settings), previousSecrets, accessTokenTtl })
  return yield* Layer.build(
    Layer.mergeAll(
      tokens,
      Bcrypt.layer({ cost: bcryptCost }),
      gateway === "simulated" ? SimulatedPayments.layer() : layerGateway(gateway)
    )
  )
})

/** Opens the shop that the settings describe, on its own database; `inside` are its services for transactions of hosts. */
export const openCommerce = Effect.fnUntraced(function* (settings: DecodedSettings) {
  const own = yield* Layer.build(client(settings))
  yield* Effect.provideContext(prepare(settings), own)
  const isProcessTime = settings.clock !== undefined || "embedded" in settings.database
  const stores = Layer.provide(
    Postgres.layer({ schema: settings.database.schema }),
    Layer.succeed(Postgres.TimeSource, isProcessTime ? "process" : "server")
  )
  const outward = Layer.succeedContext(yield* ports(settings))
  const rules = Layer.mergeAll(
    Layer.succeed(Pricing, settings.pricing ?? vouchersOnly),
    Layer.succeed(Stages, settings.stages ?? noStages)
  )
  const services = Commerce.layer(settings).pipe(
    Layer.provideMerge(stores),
    Layer.provide([Layer.succeedContext(own), outward, rules])
  )
  const inside = Commerce.layerServices(settings).pipe(
    Layer.provide(stores),
    Layer.provide([Postgres.layerHost, outward, rules]),
    Layer.fresh
  )
  return {
    services: yield* Layer.build(services),
    inside: yield* Effect.cached(Scope.provide(Layer.build(inside), yield* Effect.scope))
  }
})
