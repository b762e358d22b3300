import type { Duration } from "effect"
import type { RateLimit } from "../http/index.ts"
import type { HostGateway } from "./Gateway.ts"
import type { HostLogger } from "./Host.ts"

/** A PostgreSQL server, 15 or newer. */
export interface ServerDatabase {
  /** `postgres://…` */
  readonly url: string
  /** The PostgreSQL schema of all tables; `commerce` if absent. */
  readonly schema?: string | undefined
  /** Connections of this process; 10 if absent. */
  readonly pool?: number | undefined
  /**
   * `transaction` behind PgBouncer in transaction mode: then no session sets limits, so set `lock_timeout`,
   * `statement_timeout` and `idle_in_transaction_session_timeout` for the role.
   */
  readonly pooler?: "transaction" | undefined
}

/** PostgreSQL inside this process, with nothing to install but `@electric-sql/pglite`. */
export interface EmbeddedDatabase {
  /** A directory, made if there is none and used by one process at a time, or `memory`, which keeps nothing. */
  readonly embedded: string
  /** The PostgreSQL schema of all tables; `commerce` if absent. */
  readonly schema?: string | undefined
}

/** What `createCommerce` is told. Durations are milliseconds, or text such as `"15 minutes"`. */
export interface CommerceSettings {
  readonly database: ServerDatabase | EmbeddedDatabase
  /**
   * Signs the access tokens: at least 32 bytes, the same in all processes. Needed with `url`; with `embedded` it is
   * made once and kept in the directory.
   */
  readonly jwtSecret?: string | undefined
  /** Further secrets whose tokens are accepted, so that the secret can be replaced while processes run. */
  readonly jwtPreviousSecrets?: ReadonlyArray<string> | undefined
  /** Whether to bring the tables up to date at the start; true if absent. Otherwise they must be. */
  readonly migrate?: boolean | undefined
  /** How slow a password hash is, 4 to 15; 12 if absent, and each step doubles the time. */
  readonly bcryptCost?: number | undefined
  /** How long an access token is valid; 15 minutes if absent. */
  readonly accessTokenTtl?: Duration.Input | undefined
  /** How long a login can be refreshed; 30 days if absent. */
  readonly refreshTokenTtl?: Duration.Input | undefined
  /** Unpaid orders older than this fail and give their stock back; never if absent. */
  readonly unpaidOrderTtl?: Duration.Input | undefined
  /** How long an idempotency key is remembered; 7 days if absent, 24 hours at least. */
  readonly idempotencyKeyTtl?: Duration.Input | undefined
  /** How often the shop looks after itself: recovers payments, expires, prunes; every 30 seconds if absent. */
  readonly maintenanceEvery?: Duration.Input | undefined
  /** How payments are made; if absent they are simulated, with `sim_approve` and `sim_decline`. */
  readonly payments?: HostGateway | undefined
  /** How long the gateway may take before a payment is left `PENDING`; 10 seconds if absent. */
  readonly gatewayTimeout?: Duration.Input | undefined
  /** Where the log goes; to `console` if absent, from warnings on. */
  readonly logger?: HostLogger | undefined
  /** What time it is, in milliseconds since 1970 or as a `Date`; the system's if absent. Waiting is in real time. */
  readonly clock?: (() => number | Date) | undefined
  /** Where `handler` is mounted, such as `/shop`; at `/` if absent. */
  readonly basePath?: string | undefined
  /** How often `handler` lets anybody try to register or log in, or `off`; 30 times per minute if absent. */
  readonly authRateLimit?: RateLimit | "off" | undefined
  /** Proxies of one's own before `handler`, each of which adds to `X-Forwarded-For`; 0 if absent. */
  readonly trustedProxies?: number | undefined
  /** Origins whose pages may use `handler` from a browser; none if absent. */
  readonly corsOrigins?: ReadonlyArray<string> | undefined
}
