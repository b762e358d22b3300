import { Effect, Layer, Redacted, Scope } from "effect"
import type { SqlClient } from "effect/sql"
import * as Bcrypt from "../adapters/bcrypt.ts"
import * as Jose from "../adapters/jose.ts"
import * as Embedded from "../adapters/pglite/index.ts"
import * as Postgres from "../adapters/postgres/index.ts"
import * as SimulatedPayments from "../adapters/simulated-payments.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import * as Commerce from "../services/Commerce.ts"
import { layerGateway } from "./Gateway.ts"
import type { CommerceSettings } from "./Settings.ts"

type Unopened = StoreUnavailable | Embedded.DataDirectoryInUse | Embedded.EmbeddedUnavailable

const client = ({ database }: CommerceSettings): Layer.Layer<SqlClient.SqlClient, Unopened> =>
  "url" in database
    ? Postgres.layerClient({ url: Redacted.make(database.url), pool: database.pool, pooler: database.pooler })
    : Embedded.layerClient({ dataDir: database.embedded })

type Unprepared = StoreUnavailable | Postgres.SchemaTooNew | Postgres.SchemaOutdated

const prepare = (settings: CommerceSettings): Effect.Effect<unknown, Unprepared, SqlClient.SqlClient> => {
  const { schema } = settings.database
  return (settings.migrate ?? true) ? Postgres.migrate(schema) : Postgres.requireMigrated(schema)
}

const secret = ({ database, jwtSecret }: CommerceSettings) =>
  jwtSecret === undefined && "embedded" in database
    ? Embedded.persistedSecret(database.embedded)
    : Effect.succeed(Redacted.make(jwtSecret ?? ""))

const ports = Effect.fnUntraced(function* (settings: CommerceSettings) {
  const tokens = Jose.layer({
    secret: yield* secret(settings),
    previousSecrets: (settings.jwtPreviousSecrets ?? []).map((previous) => Redacted.make(previous)),
    ...(settings.accessTokenTtl !== undefined && { accessTokenTtl: settings.accessTokenTtl })
  })
  return yield* Layer.build(
    Layer.mergeAll(
      tokens,
      Bcrypt.layer(settings.bcryptCost === undefined ? {} : { cost: settings.bcryptCost }),
      settings.payments === undefined ? SimulatedPayments.layer() : layerGateway(settings.payments)
    )
  )
})

/** Opens the shop that the settings describe, on its own database; `inside` are its services for transactions of hosts. */
export const openCommerce = Effect.fnUntraced(function* (settings: CommerceSettings) {
  const own = yield* Layer.build(client(settings))
  yield* Effect.provideContext(prepare(settings), own)
  const stores = Postgres.layer({ schema: settings.database.schema })
  const outward = Layer.succeedContext(yield* ports(settings))
  const services = Commerce.layer(settings).pipe(
    Layer.provideMerge(stores),
    Layer.provide([Layer.succeedContext(own), outward])
  )
  const inside = Commerce.layerServices(settings).pipe(
    Layer.provide(stores),
    Layer.provide([Postgres.layerHost, outward]),
    Layer.fresh
  )
  return {
    services: yield* Layer.build(services),
    inside: yield* Effect.cached(Scope.provide(Layer.build(inside), yield* Effect.scope))
  }
})
