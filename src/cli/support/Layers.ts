import { type Duration, Effect, Layer, Logger, type Redacted, References } from "effect"
import type { SqlClient } from "effect/sql"
import * as Bcrypt from "../../adapters/bcrypt.ts"
import * as Jose from "../../adapters/jose.ts"
import * as Embedded from "../../adapters/pglite/index.ts"
import * as Postgres from "../../adapters/postgres/index.ts"
import * as SimulatedPayments from "../../adapters/simulated-payments.ts"
import { reasonOf, type StoreUnavailable } from "../../ports/errors.ts"
import type { PasswordHasher } from "../../ports/PasswordHasher.ts"
import type { PaymentGateway } from "../../ports/PaymentGateway.ts"
import type { Stores } from "../../ports/Stores.ts"
import { Accounts } from "../../services/Accounts.ts"
import * as Commerce from "../../services/Commerce.ts"
import { layerNoGateway } from "../../services/NoGateway.ts"
import { ServiceTokens } from "../../services/ServiceTokens.ts"
import { Shops } from "../../services/Shops.ts"
import { Failure, fail } from "./Failure.ts"
import { prettyLog } from "./PrettyLog.ts"
import { newSecret, signingSecret } from "./Secret.ts"
import { isSimulated, type Settings } from "./Settings.ts"
import { workerNumber } from "./WorkerNumber.ts"

/** The variable that names the database. */
const variableOf = ({ database: { url } }: Settings) => (url === undefined ? "DATA_DIR" : "DATABASE_URL")

export const unreachable = (settings: Settings) => (error: StoreUnavailable) =>
  new Failure({ line: `${variableOf(settings)}: the database is unavailable:  ${reasonOf(error.cause)}` })

const failWith = <E>(explain: (error: E) => Failure) =>
  Layer.catch((error: E) => Layer.effectContext(Effect.fail(explain(error))))

/** Provides the database that the settings select. */
export const database = (
  settings: Settings,
  { connectTimeout, readOnly }: { readonly connectTimeout?: Duration.Input; readonly readOnly?: boolean } = {}
): Layer.Layer<SqlClient.SqlClient, Failure> =>
  settings.database.url === undefined
    ? Embedded.layerClient({ dataDir: settings.database.embedded }).pipe(
        failWith(
          (error) =>
            new Failure({
              line:
                error._tag === "DataDirectoryInUse"
                  ? `DATA_DIR: ${error.message} Stop that process, or set DATABASE_URL to use a PostgreSQL server`
                  : `DATA_DIR: ${error.message}`
            })
        )
      )
    : Postgres.layerClient({
        url: settings.database.url,
        pool: settings.database.pool,
        pooler: settings.database.pooler,
        connectTimeout,
        readOnly
      }).pipe(failWith(unreachable(settings)))

/** Provides a database that outlives the command. Refuses the in-memory database. */
export const keptDatabase = (settings: Settings): Layer.Layer<SqlClient.SqlClient, Failure> =>
  settings.database.url === undefined && settings.database.embedded === "memory"
    ? Layer.effectContext(
        fail(
          "DATA_DIR: an in-memory database is empty and ends with the command. Set a directory or DATABASE_URL"
        )
      )
    : database(settings)

const unmigrated =
  (settings: Settings) =>
  (error: Postgres.SchemaTooNew | Postgres.SchemaOutdated | Postgres.DatabaseRefused | StoreUnavailable) => {
    if (error._tag === "StoreUnavailable") return unreachable(settings)(error)
    const variable = error._tag === "DatabaseRefused" ? variableOf(settings) : "DATABASE_SCHEMA"
    return new Failure({ line: `${variable}: ${error.message}` })
  }

/** Migrates the schema, and creates the shop that a flag names. */
export const migrate = (
  settings: Settings
): Effect.Effect<Postgres.Migrated, Failure, SqlClient.SqlClient> => {
  const { database, shop } = settings
  const migrated =
    shop === undefined ? Postgres.migrate(database.schema) : Postgres.migrateShop(shop.base, shop.name)
  return Effect.mapError(migrated, unmigrated(settings))
}

/** Fails if there is no shop that a flag names. */
const requireShop = (settings: Settings): Effect.Effect<void, Failure, SqlClient.SqlClient> => {
  const { shop } = settings
  return shop === undefined
    ? Effect.void
    : Effect.flatMap(
        Effect.mapError(Postgres.shopExists(shop.base, shop.name), unmigrated(settings)),
        (exists) =>
          exists
            ? Effect.void
            : fail(`--shop: There is no shop "${shop.name}". Run migrate --shop ${shop.name}`)
      )
}

/** Migrates the schema. A shop that a flag names must exist: a name with a typo would else be one shop more. */
export const migrateExisting = (
  settings: Settings
): Effect.Effect<Postgres.Migrated, Failure, SqlClient.SqlClient> =>
  Effect.andThen(requireShop(settings), migrate(settings))

/** Migrates the schema unless it is up to date, so that nothing is written on a standby. */
export const ensureMigrated = (settings: Settings): Effect.Effect<void, Failure, SqlClient.SqlClient> =>
  Postgres.requireMigrated(settings.database.schema).pipe(
    Effect.catchTag("SchemaOutdated", () => Postgres.migrate(settings.database.schema)),
    Effect.mapError(unmigrated(settings)),
    Effect.asVoid
  )

/** Begins an epoch of the feed, ends all sessions, and forgets reset tokens. */
export const markRestored = (
  settings: Settings
): Effect.Effect<Postgres.Restored, Failure, SqlClient.SqlClient> =>
  Effect.andThen(
    requireReadable(settings).pipe(
      // A restored database is outdated in this sense.
      Effect.catch(() => Effect.asVoid(migrate(settings)))
    ),
    Effect.mapError(Postgres.markRestored(settings.database.schema), unmigrated(settings))
  )

/** Returns the SQL that `migrate` would run. */
export const planned = (settings: Settings): Effect.Effect<string, Failure, SqlClient.SqlClient> =>
  Effect.mapError(Postgres.planned(settings.database.schema), unmigrated(settings))

/** Fails unless the schema is migrated and can be read. */
export const requireReadable = (settings: Settings): Effect.Effect<void, Failure, SqlClient.SqlClient> =>
  Effect.andThen(
    requireShop(settings),
    Effect.mapError(
      Postgres.requireMigrated(settings.database.schema, { readOnly: true }),
      unmigrated(settings)
    )
  )

/** Returns statements that set session timeouts for a role, where sessions cannot set them. */
export const limitStatements = (
  { user, database }: { readonly user: string; readonly database: string },
  limits: ReadonlyArray<Postgres.SessionLimit>
): string =>
  limits
    .map(
      (name) =>
        `ALTER ROLE "${user}" IN DATABASE "${database}" SET ${name} = '${Postgres.sessionLimits[name]}';`
    )
    .join(" ")

/** Refuses to serve behind a pooler without timeouts, since sessions cannot set them there. */
export const requireLimits = (settings: Settings): Effect.Effect<void, Failure, SqlClient.SqlClient> =>
  settings.database.pooler === "off" || settings.database.url === undefined
    ? Effect.void
    : Effect.flatMap(
        Effect.mapError(Postgres.diagnose(settings.database.schema), unreachable(settings)),
        (facts) =>
          facts.unlimited.length === 0
            ? Effect.void
            : new Failure({
                line: `DATABASE_POOLER: behind a pooler the role needs timeouts. Run:  ${limitStatements(facts, facts.unlimited)} Then make the pooler reconnect`
              })
      )

const issuer = ({ auth: { accessTokenTtl, previousSecrets } }: Settings, secret: Redacted.Redacted) =>
  Layer.orDie(Jose.layer({ secret, previousSecrets, accessTokenTtl }))

/** Provides accounts and service tokens without other services. It issues no access tokens, so a random secret suffices. */
export const accounts = (
  settings: Settings
): Layer.Layer<Accounts | ServiceTokens, never, SqlClient.SqlClient> => {
  const { auth, database } = settings
  const tokens = Layer.suspend(() => issuer(settings, newSecret()))
  return Layer.merge(Accounts.layer(auth), ServiceTokens.layer).pipe(
    Layer.provide([
      Postgres.layer({ schema: database.schema }),
      Bcrypt.layer({ cost: auth.bcryptCost }),
      tokens
    ])
  )
}

/** Provides the replica that the settings name, if they name one. */
export const replica = ({ database }: Settings): Layer.Layer<never> =>
  database.url === undefined || database.replica === undefined
    ? Layer.empty
    : Postgres.layerReplica({ ...database, url: database.replica, maxLag: database.maxReplicaLag })

/** The ports that all shops of a process share: each has the threads for passwords that the machine has. */
type SharedPorts = PasswordHasher | PaymentGateway

/** Provides all services on the given database, and what other shops share with it. With `readOnly` without maintenance, also on a standby. */
export const services = (
  settings: Settings,
  { readOnly = false } = {}
): Layer.Layer<Commerce.Services | Stores | SharedPorts, Failure, SqlClient.SqlClient> => {
  const tokens = Layer.unwrap(Effect.map(signingSecret(settings), (secret) => issuer(settings, secret)))
  const gateway = isSimulated(settings) ? SimulatedPayments.layer() : layerNoGateway
  const commerce = readOnly ? Commerce.layerServices(settings) : Commerce.layer(settings)
  return commerce.pipe(
    Layer.provideMerge(Postgres.layer({ schema: settings.database.schema, readOnly })),
    // A standby has no position of its own that a replica could have reached.
    Layer.provide(readOnly ? Layer.empty : replica(settings)),
    Layer.provide(tokens),
    Layer.provideMerge(Layer.merge(Bcrypt.layer({ cost: settings.auth.bcryptCost }), gateway))
  )
}

/** Provides the shops beside the one without a name, in schemas of their own. With `readOnly` without maintenance and without migrations. */
export const shops = (
  settings: Settings,
  { readOnly = false } = {}
): Layer.Layer<Shops, Failure, SqlClient.SqlClient | SharedPorts> => {
  const { accessTokenTtl, previousSecrets } = settings.auth
  const issuers = Layer.unwrap(
    Effect.map(signingSecret(settings), (secret) =>
      Layer.orDie(Jose.layerShops({ secret, previousSecrets, accessTokenTtl }))
    )
  )
  return Shops.layer({ ...settings, maintenance: readOnly ? "off" : settings.maintenance }).pipe(
    Layer.provide([Postgres.layerShops({ schema: settings.database.schema, readOnly }), issuers])
  )
}

/** Returns whether standard output is text for people. Otherwise each line is a JSON document. */
export const isPretty = ({ server: { logFormat } }: Pick<Settings, "server">): boolean =>
  logFormat === undefined ? process.stdout.isTTY === true : logFormat === "pretty"

/** Provides a logger to standard output in the format of the settings. The lines of a worker have its number. */
export const logging = (settings: Pick<Settings, "server">): Layer.Layer<never> =>
  Layer.mergeAll(
    Logger.layer([isPretty(settings) ? prettyLog : Logger.consoleJson]),
    Layer.succeed(References.MinimumLogLevel, settings.server.logLevel),
    workerNumber === undefined
      ? Layer.empty
      : Layer.succeed(References.CurrentLogAnnotations, { worker: workerNumber })
  )
