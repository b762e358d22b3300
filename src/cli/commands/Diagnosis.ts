/** Findings about the facts of a database and the settings of a server. */
import { Redacted } from "effect"
import type { DatabaseFacts, ReplicaDiagnosis } from "../../adapters/postgres/index.ts"
import { authSettings, secretBytes } from "../../settings/AuthSettings.ts"
import { limitStatements } from "../support/Layers.ts"
import { type Settings, workersNeedUrl } from "../support/Settings.ts"

/** A finding. An `error` prevents correct operation; a `warning` needs a decision by the operator. */
export interface Finding {
  readonly level: "ok" | "warning" | "error"
  readonly message: string
}

export const ok = (message: string): Finding => ({ level: "ok", message })
export const warning = (message: string): Finding => ({ level: "warning", message })
export const error = (message: string): Finding => ({ level: "error", message })

const oldestVersion = 15

const versionOf = ({ version }: DatabaseFacts): Finding => {
  const [major, minor] = [Math.floor(version / 10_000), version % 10_000]
  return major < oldestVersion
    ? error(`PostgreSQL ${major}.${minor} is too old. Upgrade to ${oldestVersion} or newer`)
    : ok(`PostgreSQL ${major}.${minor}`)
}

/** Compares the clocks. `behind` is the lag of the database's clock in milliseconds. */
const clockOf = (behind: number): Finding => {
  const seconds = Math.abs(behind / 1000).toFixed(1)
  const message = `The clock of the database is ${seconds} s ${behind > 0 ? "behind" : "ahead of"} the local clock`
  if (Math.abs(behind) < 1000) return ok("The local clock and the clock of the database agree")
  const cure = "synchronize both by NTP. Expiries and order times depend on them"
  return Math.abs(behind) < 30_000 ? warning(`${message}; ${cure}`) : error(`${message}; ${cure}`)
}

const rightsOf = (facts: DatabaseFacts, schema: string): ReadonlyArray<Finding> => {
  const { user, database, schemaExists, mayUse, mayCreate } = facts
  if (!mayUse) {
    return [
      error(
        `The user "${user}" may not use the schema. Run: GRANT USAGE, CREATE ON SCHEMA "${schema}" TO "${user}"`
      )
    ]
  }
  if (mayCreate) return [ok(`The user "${user}" may create and change tables`)]
  return schemaExists
    ? [
        warning(
          `The user "${user}" may not create tables in the schema "${schema}". Another user must run migrate, ` +
            `or GRANT CREATE ON SCHEMA "${schema}" TO "${user}"`
        )
      ]
    : [
        error(
          `The user "${user}" may not create the schema. Run in "${database}": CREATE SCHEMA "${schema}" AUTHORIZATION "${user}"`
        )
      ]
}

const durabilityOf = ({
  fsync,
  fullPageWrites,
  synchronousCommit
}: DatabaseFacts): ReadonlyArray<Finding> => [
  ...(fsync === "off"
    ? [warning("fsync is off: a crash can lose orders or corrupt the database. Turn it on")]
    : []),
  ...(fullPageWrites === "off"
    ? [warning("full_page_writes is off: a crash can corrupt pages. Turn it on")]
    : []),
  ...(synchronousCommit === "off"
    ? [warning("synchronous_commit is off: a crash can lose confirmed orders. Turn it on")]
    : [])
]

/** What a failover keeps: only what a standby has confirmed before COMMIT is answered. */
const standbysOf = ({
  standbys,
  synchronousCommit,
  synchronousStandbyNames,
  synchronousStandbys,
  user
}: DatabaseFacts): ReadonlyArray<Finding> => {
  if (synchronousStandbyNames === "") {
    return standbys === 0
      ? []
      : [
          warning(
            `${standbys} standbys are connected and none is synchronous: a failover can lose confirmed orders. ` +
              "Set synchronous_standby_names (see High availability in docs/operation.md)"
          )
        ]
  }
  if (synchronousCommit === "off" || synchronousCommit === "local") {
    return [
      warning(
        `synchronous_commit is ${synchronousCommit}, so COMMIT waits for no standby: a failover can lose confirmed orders`
      )
    ]
  }
  if (synchronousStandbys === undefined) {
    return [
      warning(
        `The user "${user}" may not see which standbys are synchronous. Run: GRANT pg_monitor TO "${user}"`
      )
    ]
  }
  return [
    synchronousStandbys === 0
      ? error(
          "No synchronous standby is connected: every COMMIT waits for one. Start it, or change synchronous_standby_names"
        )
      : ok(`COMMIT waits for a standby: ${synchronousStandbys} synchronous of ${standbys} connected`)
  ]
}

const connectionsOf = (
  { connections, connected }: DatabaseFacts,
  { database, server: { workers } }: Settings
): Finding => {
  const pool = workers === 1 ? database.pool : database.pool * (workers + 1)
  const opens =
    workers === 1
      ? `a process opens up to ${pool} (DATABASE_POOL)`
      : `${workers} workers, and one that replaces another, open up to ${pool} (DATABASE_POOL for each)`
  const usage = `${connected} of ${connections} connections of the server are open; ${opens}`
  if (pool > connections) return error(`${usage}. Reduce the pool or increase max_connections`)
  return connected + pool > connections
    ? warning(
        `${usage}. Another process might get no connection. Reduce the pool or increase max_connections`
      )
    : ok(usage)
}

const longTransaction = 300

const stateOf = (facts: DatabaseFacts): ReadonlyArray<Finding> => [
  ...(facts.readOnly ? [error("The database is read-only. Connect to the primary server")] : []),
  ...(facts.encoding === "UTF8"
    ? []
    : [error(`The encoding of the database is ${facts.encoding}. Create a database with ENCODING 'UTF8'`)]),
  ...(facts.isolation === "read committed"
    ? []
    : [
        warning(
          `default_transaction_isolation is ${facts.isolation}. effect-commerce sets READ COMMITTED itself, so this only adds overhead: ALTER ROLE "${facts.user}" RESET default_transaction_isolation`
        )
      ]),
  ...(facts.oldestTransaction > longTransaction
    ? [
        warning(
          `A transaction has been open for ${Math.round(facts.oldestTransaction / 60)} minutes: ` +
            "it delays the event feed. End it (pg_stat_activity shows its owner)"
        )
      ]
    : [])
]

/** What may hold up the feed unseen: transactions of other users, and those that no session has. */
const transactionsOf = ({
  oldestPrepared,
  preparedTransactions,
  seesTransactions,
  user
}: DatabaseFacts): ReadonlyArray<Finding> => [
  ...(seesTransactions
    ? []
    : [
        warning(
          `The user "${user}" may not see transactions of other users, which delay the event feed while they are open. Run: GRANT pg_read_all_stats TO "${user}"`
        )
      ]),
  ...(oldestPrepared > longTransaction
    ? [
        warning(
          `${preparedTransactions} prepared transactions are open, the oldest for ${Math.round(oldestPrepared / 60)} minutes: ` +
            "they delay the event feed and keep their locks. End them by COMMIT PREPARED or ROLLBACK PREPARED (pg_prepared_xacts)"
        )
      ]
    : [])
]

const limitsOf = (facts: DatabaseFacts, { database: { pooler } }: Settings): Finding => {
  if (facts.unlimited.length === 0) return ok("All statement and lock timeouts are set")
  const statements = limitStatements(facts, facts.unlimited)
  const without = `The sessions have no ${facts.unlimited.join(", ")}`
  return pooler === "off"
    ? error(
        `${without}, since a pooler drops startup parameters. Set DATABASE_POOLER=transaction and run: ${statements}`
      )
    : error(`${without}. Run: ${statements} Then make the pooler reconnect`)
}

/** Checks that concern a PostgreSQL server only. The embedded database has fixed settings and no other clients. */
const ofServer = (facts: DatabaseFacts, settings: Settings): ReadonlyArray<Finding> => [
  ...durabilityOf(facts),
  ...standbysOf(facts),
  ...transactionsOf(facts),
  connectionsOf(facts, settings),
  limitsOf(facts, settings)
]

/** Returns the findings about a reachable database. `behind` is the lag of its clock in milliseconds. */
export const ofDatabase = (
  facts: DatabaseFacts,
  settings: Settings,
  behind: number
): ReadonlyArray<Finding> => [
  versionOf(facts),
  clockOf(behind),
  ...rightsOf(facts, settings.database.schema),
  ...stateOf(facts),
  ...(settings.database.url === undefined ? [] : ofServer(facts, settings))
]

/** Returns the finding about a replica. The primary answers where it cannot. */
export const ofReplica = ({ lag, maxLag, unfit }: ReplicaDiagnosis): Finding => {
  if (unfit !== undefined) return warning(`The replica is left out: ${unfit} (DATABASE_REPLICA_URL)`)
  return lag === undefined
    ? warning(
        `The replica lags by more than ${maxLag / 1000} s, so it is left out (DATABASE_REPLICA_MAX_LAG). Check its load and its network`
      )
    : ok(`The replica lags by ${(lag / 1000).toFixed(1)} s`)
}

/** A random secret of 32 bytes has far more distinct characters in any encoding. */
const looksGuessable = (secret: string): boolean => new Set(secret).size < 12

const lowestCost = 10

/** Returns the findings about valid settings. */
export const ofSettings = ({
  auth: { bcryptCost, jwtSecret },
  database: { url },
  server: { workers }
}: Settings): ReadonlyArray<Finding> => {
  const random = `create one with: openssl rand -base64 ${secretBytes}`
  const secret =
    jwtSecret === undefined
      ? url === undefined
        ? ok("The token secret is stored in DATA_DIR")
        : error(`JWT_SECRET is not set, but serve requires it with DATABASE_URL; ${random}`)
      : looksGuessable(Redacted.value(jwtSecret))
        ? warning(`JWT_SECRET seems guessable, and anyone who guesses it can act as admin; ${random}`)
        : ok("JWT_SECRET is set")
  return [
    secret,
    bcryptCost < lowestCost
      ? warning(
          `BCRYPT_COST is ${bcryptCost}, so stolen hashes can be cracked quickly. Use at least ${lowestCost}, better ${authSettings.bcryptCost.default}`
        )
      : ok(`BCRYPT_COST is ${bcryptCost}`),
    ...(workers > 1 && url === undefined ? [error(workersNeedUrl)] : [])
  ]
}
