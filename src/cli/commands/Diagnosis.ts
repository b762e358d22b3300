/** Turns the facts of a database and the settings of a server into findings. */
import { Redacted } from "effect"
import type { DatabaseFacts } from "../../adapters/postgres/index.ts"
import { authSettings, secretBytes } from "../../settings/AuthSettings.ts"
import { limitStatements } from "../support/Layers.ts"
import type { Settings } from "../support/Settings.ts"

/** One result of the diagnosis. An `error` must be corrected; a `warning` may be intended. */
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
    ? error(`PostgreSQL ${major}.${minor} is too old: upgrade it to ${oldestVersion} or newer`)
    : ok(`PostgreSQL ${major}.${minor}`)
}

/** `behind` is the delay of the database clock to this process, in milliseconds. */
const clockOf = (behind: number): Finding => {
  const seconds = Math.abs(behind / 1000).toFixed(1)
  const message = `The clock of the database is ${seconds} s ${behind > 0 ? "behind" : "ahead of"} the one here`
  if (Math.abs(behind) < 1000) return ok("The clocks here and in the database agree")
  const cure = "set both by NTP: expiries and the times of orders follow the clock of each server"
  return Math.abs(behind) < 30_000 ? warning(`${message}: ${cure}`) : error(`${message}: ${cure}`)
}

const rightsOf = (facts: DatabaseFacts, schema: string): ReadonlyArray<Finding> => {
  const { user, database, schemaExists, mayUse, mayCreate } = facts
  if (!mayUse) {
    return [
      error(
        `The user "${user}" may not use the schema: GRANT USAGE, CREATE ON SCHEMA "${schema}" TO "${user}"`
      )
    ]
  }
  if (mayCreate) return [ok(`The user "${user}" may make and change tables`)]
  return schemaExists
    ? [
        warning(
          `The user "${user}" may not make tables in the schema "${schema}", so another has to run migrate: ` +
            `or GRANT CREATE ON SCHEMA "${schema}" TO "${user}"`
        )
      ]
    : [
        error(
          `The user "${user}" may not make the schema: CREATE SCHEMA "${schema}" AUTHORIZATION "${user}" in "${database}"`
        )
      ]
}

const durabilityOf = ({
  fsync,
  fullPageWrites,
  synchronousCommit
}: DatabaseFacts): ReadonlyArray<Finding> => [
  ...(fsync === "off" ? [warning("fsync is off: a crash can lose orders, or the database. Turn it on")] : []),
  ...(fullPageWrites === "off"
    ? [warning("full_page_writes is off: a crash can break pages. Turn it on")]
    : []),
  ...(synchronousCommit === "off"
    ? [warning("synchronous_commit is off: a crash can lose orders that were confirmed. Turn it on")]
    : [])
]

const connectionsOf = ({ connections, connected }: DatabaseFacts, pool: number): Finding => {
  const usage = `${connected} of ${connections} connections of the server are open, and a process takes up to ${pool} (DATABASE_POOL)`
  if (pool > connections) return error(`${usage}: make the pool smaller, or max_connections larger`)
  return connected + pool > connections
    ? warning(`${usage}: one more process might get none. Make the pool smaller, or max_connections larger`)
    : ok(usage)
}

const longTransaction = 300

const stateOf = (facts: DatabaseFacts): ReadonlyArray<Finding> => [
  ...(facts.readOnly ? [error("The database cannot be written: connect to the primary server")] : []),
  ...(facts.encoding === "UTF8"
    ? []
    : [error(`The encoding of the database is ${facts.encoding}: make one with ENCODING 'UTF8'`)]),
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
            "the feed of events waits for it. End it (pg_stat_activity tells whose it is)"
        )
      ]
    : [])
]

const limitsOf = (facts: DatabaseFacts, { database: { pooler } }: Settings): Finding => {
  if (facts.unlimited.length === 0) return ok("Statements wait and run for a bounded time")
  const statements = limitStatements(facts, facts.unlimited)
  const without = `Nothing bounds ${facts.unlimited.join(", ")} of our sessions`
  return pooler === "off"
    ? error(`${without}: a pooler drops what we ask for. Set DATABASE_POOLER=transaction, and: ${statements}`)
    : error(`${without}: ${statements} Then make the pooler reconnect`)
}

/** Findings for a server alone: the embedded database has no such options, and no other users. */
const ofServer = (facts: DatabaseFacts, settings: Settings): ReadonlyArray<Finding> => [
  ...durabilityOf(facts),
  connectionsOf(facts, settings.database.pool),
  limitsOf(facts, settings)
]

/** Returns the findings about a database. `behind` is the delay of its clock to this process, in milliseconds. */
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

/** A secret of 32 random bytes contains more distinct characters in every usual encoding. */
const looksGuessable = (secret: string): boolean => new Set(secret).size < 12

const lowestCost = 10

/** Returns the findings about valid settings. */
export const ofSettings = ({
  auth: { bcryptCost, jwtSecret },
  database: { url }
}: Settings): ReadonlyArray<Finding> => {
  const random = `make one with: openssl rand -base64 ${secretBytes}`
  const secret =
    jwtSecret === undefined
      ? url === undefined
        ? ok("The secret of the tokens is kept in DATA_DIR")
        : error(`JWT_SECRET is not set, and serve needs it with DATABASE_URL: ${random}`)
      : looksGuessable(Redacted.value(jwtSecret))
        ? warning(`JWT_SECRET looks guessable, and a guess makes anyone an admin: ${random}`)
        : ok("JWT_SECRET is set")
  return [
    secret,
    bcryptCost < lowestCost
      ? warning(
          `BCRYPT_COST is ${bcryptCost}: stolen hashes are guessed fast. Use ${lowestCost} or more, ${authSettings.bcryptCost.default} if you can`
        )
      : ok(`BCRYPT_COST is ${bcryptCost}`)
  ]
}
