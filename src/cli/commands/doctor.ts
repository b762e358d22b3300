import { existsSync } from "node:fs"
import path from "node:path"
import { Cause, Clock, Console, Effect, Predicate } from "effect"
import { Command } from "effect/cli"
import type { SqlClient } from "effect/sql"
import * as Postgres from "../../adapters/postgres/index.ts"
import type { StoreUnavailable } from "../../ports/errors.ts"
import { Failure, fail, reasonOf, report } from "../support/Failure.ts"
import { database, logging } from "../support/Layers.ts"
import { type Settings, settings } from "../support/Settings.ts"
import { error, type Finding, ofDatabase, ofSettings, ok } from "./Diagnosis.ts"

/** Remedies for failed connections, by the code of the network or the SQLSTATE of PostgreSQL. */
const cures: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: is PostgreSQL running, and are host and port right?",
  ENOTFOUND: "the host name does not resolve: is it right?",
  ETIMEDOUT: "is a firewall in between?",
  "28P01": "the password is another one",
  "28000": "the user may not come in from here (pg_hba.conf), or not without TLS",
  "3D000": "make the database with CREATE DATABASE, or correct its name",
  "53300": "the server has no connection left: make max_connections larger, or the pools smaller",
  "08P01": "if that is a pooler such as PgBouncer, set DATABASE_POOLER=transaction"
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

/** The finding for a database that could not be examined, with a remedy. */
const unanswered = (cause: Cause.Cause<StoreUnavailable | Failure>): Finding => {
  const reason = Cause.squash(cause)
  if (reason instanceof Failure) return error(reason.line)
  const cure = codesOf(reason)
    .map((code) => cures[code])
    .find((known) => known !== undefined)
  const words = `DATABASE_URL: the database does not let us in: ${reasonOf(reason)}`
  return error(cure === undefined ? words : `${words}; ${cure}`)
}

const schemaOf = Effect.fnUntraced(function* (
  { database: { schema } }: Settings,
  { mayUse }: Postgres.DatabaseFacts
) {
  if (!mayUse) return []
  const found = yield* Effect.result(Postgres.requireMigrated(schema))
  if (found._tag === "Success") return [ok(`The tables in the schema "${schema}" are up to date`)]
  const { failure } = found
  if (failure._tag === "StoreUnavailable") return yield* failure
  return failure._tag === "SchemaTooNew"
    ? [error(`${failure.message} Run the version that migrated it, or a newer one.`)]
    : [error(`${failure.message} serve does so, too.`)]
})

const examined = Effect.fnUntraced(function* (
  read: Settings
): Effect.fn.Return<ReadonlyArray<Finding>, StoreUnavailable, SqlClient.SqlClient> {
  yield* Postgres.unlimited // A first answer takes longer, since the connection has to be made.
  const before = yield* Clock.currentTimeMillis
  const facts = yield* Postgres.diagnose(read.database.schema)
  const after = yield* Clock.currentTimeMillis
  const behind = (before + after) / 2 - facts.clock.getTime()
  return [...ofDatabase(facts, read, behind), ...(yield* schemaOf(read, facts))]
})

/** Examines a server, for at most 10 seconds. */
const examineServer = (read: Settings) =>
  examined(read).pipe(
    Effect.provide(database(read, "20 seconds")),
    Effect.timeoutOrElse({
      duration: "10 seconds",
      orElse: () =>
        fail("DATABASE_URL: the database does not answer in 10 seconds; is a firewall in between?")
    })
  )

/** Examines an embedded database, and creates none. */
const examineEmbedded = (read: Settings) => {
  const { embedded } = read.database
  const directory = path.resolve(embedded)
  return embedded === "memory" || existsSync(path.join(directory, "pgdata"))
    ? Effect.provide(examined(read), database(read))
    : Effect.succeed([ok(`There is no embedded database in ${directory} yet: serve makes it`)])
}

const examine = (read: Settings): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.catchCause(read.database.url === undefined ? examineEmbedded(read) : examineServer(read), (cause) =>
    Effect.succeed([unanswered(cause)])
  )

const line = ({ level, message }: Finding) => `${level.padEnd(8)} ${message}`

export const doctor = Command.make("doctor", {}, () =>
  Effect.flatMap(settings, (read) =>
    Effect.gen(function* () {
      const findings = [...ofSettings(read), ...(yield* examine(read))]
      yield* Console.log(findings.map(line).join("\n"))
      const toDo = findings.filter(({ level }) => level === "error").length
      if (toDo > 0) yield* fail(`${toDo === 1 ? "one thing is" : `${toDo} things are`} wrong`)
    }).pipe(Effect.provide(logging(read)))
  ).pipe(report)
).pipe(
  Command.withDescription(
    "Look for what is wrong with the settings and the database, and say what to do; exit code 1 if anything is wrong."
  )
)
