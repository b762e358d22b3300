/** Pools of hosts that are shared, with settings that would spoil what we read, on a fresh database each. */
import { Effect, Redacted } from "effect"
import pg from "pg"
import postgres from "postgres"
import type { SharedPool } from "../../src/adapters/postgres/index.ts"
import { poolOf } from "./poolOf.ts"

/** A pool of a host. */
export interface HostPool {
  readonly pool: SharedPool
  /** Runs a statement of the host, and returns the first column of its first row. */
  readonly ask: (statement: string) => Promise<unknown>
  readonly end: () => Promise<unknown>
}

/** Reads everything as the host would not. */
const faulty = { getTypeParser: () => () => "spoilt" }

const ofPg = (config: pg.PoolConfig): HostPool => {
  const pool = poolOf(config)
  return {
    pool,
    ask: async (text) => {
      const { rows } = await pool.query({ text, rowMode: "array", types: pg.types })
      return rows[0]?.[0]
    },
    end: () => pool.end()
  }
}

const spoiltDates = { to: 1184, from: [1184], serialize: () => "spoilt", parse: () => "spoilt" }

const ofPostgresJs = (url: string, options: postgres.Options<Record<string, never>> = {}): HostPool => {
  // postgres.js rejects outside of any promise if a connection is lost while it reads the types of arrays.
  const sql = postgres(url, { onnotice: () => {}, fetch_types: false, ...options })
  return {
    pool: sql,
    ask: async (statement) => {
      const [row] = await sql.unsafe(statement).values()
      return row?.[0]
    },
    end: () => sql.end({ timeout: 5 })
  }
}

/** How each library makes a pool of some connections. */
export const sharedPools: ReadonlyArray<{
  readonly name: string
  readonly open: (url: string, max?: number) => HostPool
}> = [
  {
    name: "a Pool of node-postgres with parsers of its own",
    open: (connectionString, max = 10) => ofPg({ connectionString, max, types: faulty })
  },
  { name: "a client of postgres.js", open: (url, max = 10) => ofPostgresJs(url, { max }) },
  {
    name: "a client of postgres.js with names and types of its own",
    open: (url, max = 10) =>
      ofPostgresJs(url, {
        max,
        transform: postgres.camel,
        types: { date: spoiltDates } as never,
        prepare: false
      })
  }
]

/** A pool that is ended with the scope. */
export const scopedPool =
  (open: (url: string, max?: number) => HostPool, max?: number) =>
  (database: Effect.Effect<Redacted.Redacted, never, import("effect").Scope.Scope>) =>
    Effect.flatMap(database, (url) =>
      Effect.acquireRelease(
        Effect.sync(() => open(Redacted.value(url), max)),
        ({ end }) => Effect.promise(end)
      )
    )
