/** Hosts that hold a transaction on a connection of their own driver, on a fresh database each. */
import { Effect, Layer, Redacted } from "effect"
import pg from "pg"
import postgres from "postgres"
import { fromPg, fromPostgresJs, HostConnection, lend } from "../../src/adapters/postgres/index.ts"
import { freshDatabase } from "./postgres.ts"

const url = Effect.map(freshDatabase, Redacted.value)

/** A transaction of node-postgres, rolled back at the end. */
const inPg = Effect.gen(function* () {
  const client = new pg.Client({ connectionString: yield* url })
  yield* Effect.acquireRelease(
    Effect.promise(() => client.connect().then(() => client.query("BEGIN"))),
    () => Effect.promise(() => client.query("ROLLBACK").then(() => client.end()))
  )
  return lend(fromPg(client))
})

/** A transaction of postgres.js, on a connection that it reserves, rolled back at the end. */
const inPostgresJs = Effect.gen(function* () {
  const sql = postgres(yield* url, { max: 1, onnotice: () => {} })
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<postgres.TransactionSql>()
  const transaction = sql
    .begin(async (tx) => {
      begin(tx)
      await ended
      throw new Error("rolled back")
    })
    .catch(() => sql.end())
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      Effect.sync(end),
      Effect.promise(() => transaction)
    )
  )
  return lend(fromPostgresJs(yield* Effect.promise(() => begun)))
})

/** The connection of each host, as it lends it to us inside its transaction. */
export const hosts = [
  { name: "node-postgres", connection: Layer.effect(HostConnection, inPg) },
  { name: "postgres.js", connection: Layer.effect(HostConnection, inPostgresJs) }
]
