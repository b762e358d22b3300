/** Hosts that hold a transaction on a connection of their own library, on a fresh database each. */

import { MikroORM } from "@mikro-orm/postgresql"
import { PrismaPg } from "@prisma/adapter-pg"
import { sql } from "drizzle-orm"
import { drizzle } from "drizzle-orm/node-postgres"
import { drizzle as drizzlePostgresJs } from "drizzle-orm/postgres-js"
import { Effect, Layer, Redacted } from "effect"
import knex from "knex"
import { CompiledQuery, Kysely, PostgresDialect } from "kysely"
import pg from "pg"
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
  fromTypeOrm,
  HostConnection,
  lend
} from "../../src/adapters/postgres/index.ts"
import { poolOf } from "./poolOf.ts"
import { hostDatabase } from "./postgres.ts"
import { PrismaClient } from "./prisma/generated/client.ts"

type Transact = (url: string, work: (executor: Executor) => Promise<never>) => Promise<unknown>

/** A transaction that a library begins on a database, and that is rolled back at the end. */
const rolledBack = (transact: Transact) => (database: typeof hostDatabase) =>
  Effect.gen(function* () {
    const url = Redacted.value(yield* database)
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<Executor>()
    const transaction = transact(url, async (executor) => {
      begin(executor)
      await ended
      throw new Error("rolled back")
    }).catch(() => {})
    yield* Effect.addFinalizer(() =>
      Effect.andThen(
        Effect.sync(end),
        Effect.promise(() => transaction)
      )
    )
    return lend(yield* Effect.promise(() => begun))
  })

const inPg = rolledBack(async (connectionString, work) => {
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query("BEGIN")
  await work(fromPg(client)).finally(() => client.query("ROLLBACK").then(() => client.end()))
})

const inPostgresJs = rolledBack((url, work) => {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  return client.begin((tx) => work(fromPostgresJs(tx))).finally(() => client.end())
})

const inDrizzle = rolledBack((connectionString, work) => {
  const pool = poolOf({ connectionString, max: 1 })
  return drizzle(pool)
    .transaction((tx) => work(fromDrizzle(tx, sql)))
    .finally(() => pool.end())
})

const inDrizzleOnPostgresJs = rolledBack((url, work) => {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  return drizzlePostgresJs(client)
    .transaction((tx) => work(fromDrizzle(tx, sql)))
    .finally(() => client.end())
})

const inKysely = rolledBack((connectionString, work) => {
  const db = new Kysely({ dialect: new PostgresDialect({ pool: poolOf({ connectionString, max: 1 }) }) })
  return db
    .transaction()
    .execute((trx) => work(fromKysely(trx, CompiledQuery)))
    .finally(() => db.destroy())
})

const inKnex = rolledBack((connectionString, work) => {
  const db = knex({ client: "pg", connection: connectionString, pool: { min: 0, max: 1 } })
  return db.transaction((trx) => work(fromKnex(trx))).finally(() => db.destroy())
})

const inTypeOrm = rolledBack(async (url, work) => {
  const source = await new DataSource({ type: "postgres", url, poolSize: 1 }).initialize()
  return source.transaction((manager) => work(fromTypeOrm(manager))).finally(() => source.destroy())
})

const inMikroOrm = rolledBack(async (clientUrl, work) => {
  const orm = await MikroORM.init({
    clientUrl,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    pool: { min: 0, max: 1 }
  })
  return orm.em
    .fork()
    .transactional((em) => work(fromMikroOrm(em)))
    .finally(() => orm.close())
})

const inPrisma = rolledBack((connectionString, work) => {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 1 }) })
  return prisma
    .$transaction((tx) => work(fromPrisma(tx)), { timeout: 600_000 })
    .finally(() => prisma.$disconnect())
})

const transactions = {
  "node-postgres": inPg,
  "postgres.js": inPostgresJs,
  "Drizzle on node-postgres": inDrizzle,
  "Drizzle on postgres.js": inDrizzleOnPostgresJs,
  Kysely: inKysely,
  Knex: inKnex,
  TypeORM: inTypeOrm,
  MikroORM: inMikroOrm,
  Prisma: inPrisma
}

/** The connection of each host to a database, as it lends it to us inside its transaction. */
export const hostsOn = (database: typeof hostDatabase) =>
  Object.entries(transactions).map(([name, transaction]) => ({
    name,
    connection: Layer.effect(HostConnection, transaction(database))
  }))

/** The same on a fresh database each. */
export const hosts = hostsOn(hostDatabase)
