/** Hosts with a transaction of their own, on each of the libraries that they use. */

import { MikroORM } from "@mikro-orm/postgresql"
import { PrismaPg } from "@prisma/adapter-pg"
import { sql } from "drizzle-orm"
import { drizzle } from "drizzle-orm/node-postgres"
import { drizzle as drizzlePostgresJs } from "drizzle-orm/postgres-js"
import knex, { type Knex } from "knex"
import { CamelCasePlugin, CompiledQuery, Kysely, PostgresDialect } from "kysely"
import type pg from "pg"
import postgres from "postgres"
import { DataSource } from "typeorm"
import {
  type Executor,
  fromDrizzle,
  fromKnex,
  fromKysely,
  fromMikroOrm,
  fromPg,
  fromPostgresJs,
  fromPrisma,
  fromTypeOrm
} from "../../src/promise/index.ts"
import { poolOf } from "../support/poolOf.ts"
import { PrismaClient } from "../support/prisma/generated/client.ts"

/** Runs work in a transaction, which is committed if the work succeeds and rolled back if it does not. */
type Transact = <A>(work: (executor: Executor) => Promise<A>) => Promise<A>

export interface Host {
  readonly transaction: Transact
  readonly end: () => Promise<void>
}

const nodePostgres = (config: pg.PoolConfig): Host => {
  const pool = poolOf(config)
  return {
    transaction: async (work) => {
      const client = await pool.connect()
      try {
        await client.query("BEGIN")
        const value = await work(fromPg(client))
        await client.query("COMMIT")
        return value
      } catch (error) {
        await client.query("ROLLBACK")
        throw error
      } finally {
        client.release()
      }
    },
    end: () => pool.end()
  }
}

const postgresJs = (url: string, options: postgres.Options<Record<string, never>> = {}): Host => {
  const client = postgres(url, { onnotice: () => {}, max: 2, ...options })
  return {
    transaction: async (work) => {
      const { value } = await client.begin(async (tx) => ({ value: await work(fromPostgresJs(tx)) }))
      return value
    },
    end: () => client.end()
  }
}

const withDrizzle = (url: string): Host => {
  const pool = poolOf({ connectionString: url })
  const db = drizzle(pool)
  return {
    transaction: (work) => db.transaction((tx) => work(fromDrizzle(tx, sql))),
    end: () => pool.end()
  }
}

const withDrizzleOnPostgresJs = (url: string): Host => {
  const client = postgres(url, { onnotice: () => {}, max: 2 })
  const db = drizzlePostgresJs(client)
  return {
    transaction: (work) => db.transaction((tx) => work(fromDrizzle(tx, sql))),
    end: () => client.end()
  }
}

const withKysely = (url: string): Host => {
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: poolOf({ connectionString: url }) }),
    plugins: [new CamelCasePlugin()]
  })
  return {
    transaction: (work) => db.transaction().execute((trx) => work(fromKysely(trx, CompiledQuery))),
    end: () => db.destroy()
  }
}

/** Parsers of a host that would spoil whatever we read. */
const faulty = { getTypeParser: () => () => "spoilt" }

/** As `postProcessResponse` of a host may rename the keys of whatever it is given. */
const upperCase = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(upperCase)
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.flatMap(([key, inner]) => [
      [key, upperCase(inner)],
      [key.toUpperCase(), upperCase(inner)]
    ])
  )
}

const withKnex = (connectionString: string, config: Knex.Config = {}): Host => {
  const connection = { connectionString, types: faulty }
  // Knex itself would read the version of the server through these parsers.
  const db = knex({ client: "pg", version: "15", connection, pool: { min: 0, max: 4 }, ...config })
  return {
    transaction: (work) => db.transaction((trx) => work(fromKnex(trx))),
    end: () => db.destroy()
  }
}

const withTypeOrm = (url: string): Host => {
  // A logger that prints would print the errors that tests provoke.
  const opened = new DataSource({ type: "postgres", url, poolSize: 4, logging: false }).initialize()
  return {
    transaction: async (work) => (await opened).transaction((manager) => work(fromTypeOrm(manager))),
    end: async () => (await opened).destroy()
  }
}

const withMikroOrm = (clientUrl: string): Host => {
  const opened = MikroORM.init({
    clientUrl,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    // Losing a connection is a warning.
    logger: () => {}
  })
  return {
    transaction: async (work) => (await opened).em.fork().transactional((em) => work(fromMikroOrm(em))),
    // It would wait without end for a connection that was lost in a transaction.
    end: async () => void (await opened).close()
  }
}

const withPrisma = (connectionString: string): Host => {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 4 }) })
  return {
    transaction: (work) => prisma.$transaction((tx) => work(fromPrisma(tx)), { timeout: 60_000 }),
    end: () => prisma.$disconnect()
  }
}

const spoiltDates = { to: 1184, from: [1184], serialize: () => "spoilt", parse: () => "spoilt" }

export const hosts: ReadonlyArray<{ readonly name: string; readonly open: (url: string) => Host }> = [
  { name: "node-postgres", open: (connectionString) => nodePostgres({ connectionString }) },
  {
    name: "node-postgres with parsers of its own",
    open: (connectionString) => nodePostgres({ connectionString, types: faulty })
  },
  { name: "postgres.js", open: (url) => postgresJs(url) },
  {
    name: "postgres.js with names and types of its own",
    open: (url) =>
      postgresJs(url, { transform: postgres.camel, types: { date: spoiltDates } as never, prepare: false })
  },
  { name: "Drizzle on node-postgres", open: withDrizzle },
  { name: "Drizzle on postgres.js", open: withDrizzleOnPostgresJs },
  { name: "Kysely", open: withKysely },
  {
    name: "Knex with parsers and keys of its own",
    open: (url) => withKnex(url, { postProcessResponse: upperCase })
  },
  { name: "TypeORM", open: withTypeOrm },
  { name: "MikroORM", open: withMikroOrm },
  { name: "Prisma", open: withPrisma }
]
