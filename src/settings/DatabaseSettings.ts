import type { Duration, Redacted } from "effect"
import { durationWithDefault, groupSchema, optional, required, withDefault } from "./Setting.ts"
import {
  connectionUrl,
  dataDirectory,
  flag,
  hostValue,
  integer,
  isTrue,
  oneOf,
  text
} from "./SettingValue.ts"
import { isSharedPool, type SharedPool } from "./SharedPool.ts"
import { type ShopServersSettings, shopServersSettings } from "./ShopServers.ts"

/** The names that a PostgreSQL schema may have. They need no escaping; those with `pg_` are PostgreSQL's own. */
export const schemaName = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/

/** The settings of the database. */
export const databaseSettings = {
  url: required(connectionUrl, {
    description:
      "URL of a PostgreSQL server, version 15 or newer: `postgres://…`. It may name several servers, as for libpq: `postgres://a,b/shop?target_session_attrs=read-write`.",
    variable: "DATABASE_URL",
    isSecret: true,
    missing: "Missing key: this, embedded or memory is needed"
  }),
  replica: optional(connectionUrl, {
    description:
      "URL of a streaming standby of that server, which may answer reads of products, lists of orders, the feed and analytics. It has a pool of its own, as large as the other.",
    variable: "DATABASE_REPLICA_URL",
    isSecret: true,
    fallback: "none"
  }),
  maxReplicaLag: durationWithDefault(
    "5 seconds",
    {
      description: "A replica that lags more is left out until it has caught up, at least 1 second.",
      variable: "DATABASE_REPLICA_MAX_LAG"
    },
    { atLeast: "1 second", says: "of at least 1 second, " }
  ),
  embedded: required(dataDirectory, {
    description:
      "Directory of the embedded PostgreSQL (PGlite), created if it is missing, used by one process at a time. `memory` keeps nothing.",
    variable: "DATA_DIR",
    missing: "Missing key: this, url or memory is needed"
  }),
  memory: required(isTrue, {
    description:
      "`true` keeps the data in plain objects, without PostgreSQL, for tests. They end with `close`, and `within` is refused.",
    missing: "Missing key: this, url or embedded is needed"
  }),
  schema: withDefault(
    text(
      "a name such as commerce: up to 63 of a-z, 0-9 and _, without a digit or pg_ at its beginning",
      (name) => schemaName.test(name)
    ),
    { description: "PostgreSQL schema of all tables.", variable: "DATABASE_SCHEMA", default: "commerce" }
  ),
  pool: withDefault(integer(1, 1000), {
    description: "Maximum number of connections of this process, 1 to 1000.",
    variable: "DATABASE_POOL",
    default: 10
  }),
  pooler: withDefault(oneOf(["transaction", "off"]), {
    description:
      "`transaction` behind PgBouncer in transaction mode. The role then needs `lock_timeout`, `statement_timeout` and `idle_in_transaction_session_timeout`, since no session sets them.",
    variable: "DATABASE_POOLER",
    default: "off"
  }),
  migrate: withDefault(flag, {
    description:
      "Whether to create or update the tables at the start. Without it, opening fails with `SchemaOutdated` if they are not up to date.",
    default: true
  })
} as const

/** The pool of a host, which takes the place of a URL. */
export const sharedPool = required(hostValue("a Pool of pg, or a client of postgres.js", isSharedPool), {
  description:
    "Pool of the host instead of one of its own: a `Pool` of node-postgres, or a client of postgres.js. `close` does not end it.",
  missing: "Missing key: this, url or embedded is needed"
})

const { embedded, maxReplicaLag, memory, migrate, pool, pooler, replica, schema, url } = databaseSettings

/** Decodes the settings of a PostgreSQL server. */
export const ServerDatabase = groupSchema({
  url,
  replica,
  maxReplicaLag,
  schema,
  pool,
  pooler,
  migrate,
  ...shopServersSettings
})
/** Decodes the settings of the embedded database. */
export const EmbeddedDatabase = groupSchema({ embedded, schema, migrate })
/** Decodes the settings of data in the memory of this process. */
export const MemoryDatabase = groupSchema({ memory })

/** Decodes the settings of a pool that the host shares. */
export const SharedDatabase = groupSchema({ pool: sharedPool, schema, migrate })

/** The database: a PostgreSQL server, a pool of the host, PostgreSQL inside this process, or plain objects for tests. */
export type DatabaseSettings =
  | ServerDatabaseSettings
  | SharedDatabaseSettings
  | EmbeddedDatabaseSettings
  | MemoryDatabaseSettings

/** The decoded settings of the database. */
export type Database =
  | typeof ServerDatabase.Type
  | typeof SharedDatabase.Type
  | typeof EmbeddedDatabase.Type
  | typeof MemoryDatabase.Type

/** A PostgreSQL server, version 15 or newer. */
export interface ServerDatabaseSettings extends ShopServersSettings {
  /**
   * URL of a PostgreSQL server, version 15 or newer: `postgres://…`. It may name several servers, as for
   * libpq: `postgres://a,b/shop?target_session_attrs=read-write`.
   */
  readonly url: string | Redacted.Redacted
  /**
   * URL of a streaming standby of that server, which may answer reads of products, lists of orders, the feed
   * and analytics. It has a pool of its own, as large as the other. Defaults to none.
   */
  readonly replica?: string | Redacted.Redacted | undefined
  /**
   * A replica that lags more is left out until it has caught up, at least 1 second. Defaults to `"5
   * seconds"`.
   */
  readonly maxReplicaLag?: Duration.Input | undefined
  /** PostgreSQL schema of all tables. Defaults to `"commerce"`. */
  readonly schema?: string | undefined
  /** Maximum number of connections of this process, 1 to 1000. Defaults to `10`. */
  readonly pool?: number | undefined
  /**
   * `transaction` behind PgBouncer in transaction mode. The role then needs `lock_timeout`,
   * `statement_timeout` and `idle_in_transaction_session_timeout`, since no session sets them. Defaults to
   * `"off"`.
   */
  readonly pooler?: "transaction" | "off" | undefined
  /**
   * Whether to create or update the tables at the start. Without it, opening fails with `SchemaOutdated` if
   * they are not up to date. Defaults to `true`.
   */
  readonly migrate?: boolean | undefined
}

/** A pool of the host on a PostgreSQL server, version 15 or newer. */
export interface SharedDatabaseSettings {
  /**
   * Pool of the host instead of one of its own: a `Pool` of node-postgres, or a client of postgres.js. `close`
   * does not end it.
   */
  readonly pool: SharedPool
  /** PostgreSQL schema of all tables. Defaults to `"commerce"`. */
  readonly schema?: string | undefined
  /**
   * Whether to create or update the tables at the start. Without it, opening fails with `SchemaOutdated` if
   * they are not up to date. Defaults to `true`.
   */
  readonly migrate?: boolean | undefined
}

/** PostgreSQL inside this process. It needs the package `@electric-sql/pglite` and nothing else. */
export interface EmbeddedDatabaseSettings {
  /**
   * Directory of the embedded PostgreSQL (PGlite), created if it is missing, used by one process at a time.
   * `memory` keeps nothing.
   */
  readonly embedded: string
  /** PostgreSQL schema of all tables. Defaults to `"commerce"`. */
  readonly schema?: string | undefined
  /**
   * Whether to create or update the tables at the start. Without it, opening fails with `SchemaOutdated` if
   * they are not up to date. Defaults to `true`.
   */
  readonly migrate?: boolean | undefined
}

/** Data in the memory of this process, for tests: it opens at once, and needs no other package. */
export interface MemoryDatabaseSettings {
  /**
   * `true` keeps the data in plain objects, without PostgreSQL, for tests. They end with `close`, and
   * `within` is refused.
   */
  readonly memory: true
}
