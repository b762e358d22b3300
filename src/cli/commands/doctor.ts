import { existsSync } from "node:fs"
import path from "node:path"
import { Cause, Clock, Console, Duration, Effect, Predicate } from "effect"
import { Command } from "effect/cli"
import type { SqlClient } from "effect/sql"
import * as Postgres from "../../adapters/postgres/index.ts"
import { reasonOf, type StoreUnavailable } from "../../ports/errors.ts"
import { Failure, fail, report } from "../support/Failure.ts"
import { database, logging, replica } from "../support/Layers.ts"
import { type Settings, settings } from "../support/Settings.ts"
import { ofShop, shop } from "../support/ShopFlags.ts"
import { error, type Finding, ofDatabase, ofReplica, ofSettings, ok, warning } from "./Diagnosis.ts"

/** Remedies for refused connections, by error code of the network or of PostgreSQL (documentation, appendix A). */
const cures: Readonly<Record<string, string>> = {
  ECONNREFUSED: "no server listens there. Check that PostgreSQL is running, and check host and port",
  ENOTFOUND: "the host name cannot be resolved. Check its spelling",
  ETIMEDOUT: "check firewalls",
  "28P01": "the password is wrong",
  "28000": "pg_hba.conf does not allow this user from this host, or requires TLS",
  "3D000": "create the database with CREATE DATABASE, or correct its name",
  "53300": "the server has no free connection. Increase max_connections or reduce the pools",
  "08P01": "behind a pooler such as PgBouncer, set DATABASE_POOLER=transaction"
}

const codesOf = (error: unknown): ReadonlyArray<string> => {
  if (!Predicate.isObject(error)) return []
  const own = Predicate.hasProperty(error, "code") && typeof error.code === "string" ? [error.code] : []
  const inner = [
    Predicate.hasProperty(error, "cause") ? error.cause : undefined,
    Predicate.hasProperty(error, "reason") ? error.reason : undefined
  ]
  return [...own, ...inner.flatMap(codesOf)]
}

/** Returns the finding for a database that cannot be examined, with a remedy. */
const unreachableFinding = (cause: Cause.Cause<StoreUnavailable | Failure>): Finding => {
  const reason = Cause.squash(cause)
  if (reason instanceof Failure) return error(reason.line)
  const cure = codesOf(reason)
    .map((code) => cures[code])
    .find((known) => known !== undefined)
  const words = `DATABASE_URL: the connection was refused: ${reasonOf(reason)}`
  return error(cure === undefined ? words : `${words}; ${cure}`)
}

const schemaOf = Effect.fnUntraced(function* (
  { database: { schema }, shop }: Settings,
  { mayUse }: Postgres.DatabaseFacts
) {
  if (shop !== undefined) {
    const exists = yield* Effect.result(Postgres.shopExists(shop.base, shop.name))
    if (exists._tag === "Failure") {
      return exists.failure._tag === "StoreUnavailable"
        ? yield* exists.failure
        : [error(exists.failure.message)]
    }
    if (!exists.success) {
      return [error(`There is no shop "${shop.name}". Run migrate --shop ${shop.name}`)]
    }
  }
  if (!mayUse) return []
  const found = yield* Effect.result(Postgres.requireMigrated(schema))
  if (found._tag === "Success") return [ok(`The tables in the schema "${schema}" are up to date`)]
  const { failure } = found
  if (failure._tag === "StoreUnavailable") return yield* failure
  if (failure._tag === "DatabaseRefused") return [error(failure.message)]
  return failure._tag === "SchemaTooNew"
    ? [error(`${failure.message} Use the version of effect-commerce that migrated it, or a newer one`)]
    : [error(`${failure.message} The command serve migrates too`)]
})

const examined = Effect.fnUntraced(function* (
  read: Settings
): Effect.fn.Return<ReadonlyArray<Finding>, StoreUnavailable, SqlClient.SqlClient> {
  yield* Postgres.unlimited // The first query opens the connection, which would distort the clock comparison.
  const before = yield* Clock.currentTimeMillis
  const facts = yield* Postgres.diagnose(read.database.schema)
  const after = yield* Clock.currentTimeMillis
  const behind = (before + after) / 2 - facts.clock.getTime()
  return [...ofDatabase(facts, read, behind), ...(yield* schemaOf(read, facts))]
})

/** Examines a server. It may not respond, so the time is bounded. */
const examineServer = (read: Settings) =>
  examined(read).pipe(
    Effect.provide(database(read, { connectTimeout: "20 seconds" })),
    Effect.timeoutOrElse({
      duration: "10 seconds",
      orElse: () => fail("DATABASE_URL: the database did not respond within 10 seconds; check firewalls")
    })
  )

/** Examines the replica, if there is one. The shop works without it, and shops by names do not read there. */
const examineReplica = (read: Settings): Effect.Effect<ReadonlyArray<Finding>> =>
  read.database.replica === undefined || read.shop !== undefined
    ? Effect.succeed([])
    : Postgres.diagnoseReplica(read.database.schema).pipe(
        Effect.map((found) => (found === undefined ? [] : [ofReplica(found)])),
        Effect.provide([database(read), replica(read)]),
        Effect.timeoutOrElse({
          duration: Duration.sum(read.database.maxReplicaLag, Duration.seconds(10)),
          orElse: () => fail("the replica did not respond within 10 seconds; check firewalls")
        }),
        Effect.catchCause((cause) =>
          Effect.succeed([
            warning(
              `DATABASE_REPLICA_URL: the replica cannot be examined, so it is left out: ${reasonOf(Cause.squash(cause))}`
            )
          ])
        )
      )

/** Examines an embedded database. Does not create one. */
const examineEmbedded = (read: Settings) => {
  const { embedded } = read.database
  if (embedded === "memory") {
    return Effect.succeed([ok("The embedded database is in memory: serve creates it, and keeps nothing")])
  }
  const directory = path.resolve(embedded)
  return existsSync(path.join(directory, "pgdata"))
    ? Effect.provide(examined(read), database(read))
    : Effect.succeed([ok(`There is no embedded database in ${directory} yet; serve creates it`)])
}

const examine = (read: Settings): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.catchCause(read.database.url === undefined ? examineEmbedded(read) : examineServer(read), (cause) =>
    Effect.succeed([unreachableFinding(cause)])
  )

const line = ({ level, message }: Finding) => `${level.padEnd(8)} ${message}`

export const doctor = Command.make("doctor", { shop }, ({ shop }) =>
  Effect.flatMap(
    Effect.map(settings, (all) => ofShop(all, shop)),
    (read) =>
      Effect.gen(function* () {
        const findings = [...ofSettings(read), ...(yield* examine(read)), ...(yield* examineReplica(read))]
        yield* Console.log(findings.map(line).join("\n"))
        const errors = findings.filter(({ level }) => level === "error").length
        if (errors > 0) yield* fail(`${errors === 1 ? "1 error" : `${errors} errors`}`)
      }).pipe(Effect.provide(logging(read)))
  ).pipe(report)
).pipe(
  Command.withDescription(
    "Check the settings and the database, and suggest remedies. Exit code 1 if there are errors."
  )
)
