/** A database whose sessions have settings that no statement may depend on. */
import { Effect, Redacted } from "effect"
import pg from "pg"
import { freshDatabase, hostDatabase } from "./postgres.ts"

/** A host may set each of these for its database, its role or its session. */
const settings: Readonly<Record<string, string>> = {
  DateStyle: "SQL, DMY",
  IntervalStyle: "sql_standard",
  TimeZone: "Asia/Kathmandu",
  timezone_abbreviations: "India",
  array_nulls: "off",
  bytea_output: "escape",
  extra_float_digits: "-15",
  standard_conforming_strings: "off",
  backslash_quote: "off",
  transform_null_equals: "on",
  quote_all_identifiers: "on",
  search_path: "nowhere",
  default_text_search_config: "german",
  default_transaction_isolation: "serializable",
  default_transaction_deferrable: "on",
  statement_timeout: "61s",
  lock_timeout: "7s",
  client_encoding: "LATIN1",
  xmlbinary: "hex",
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  synchronize_seqscans: "off"
}

/** A migrated database whose sessions begin with these settings, dropped with the scope. */
const hostile = (database: typeof freshDatabase) =>
  Effect.tap(database, (url) =>
    Effect.promise(async () => {
      const client = new pg.Client({ connectionString: Redacted.value(url) })
      await client.connect()
      const name = new URL(Redacted.value(url)).pathname.slice(1)
      for (const [setting, value] of Object.entries(settings)) {
        await client.query(`ALTER DATABASE "${name}" SET ${setting} = '${value}'`)
      }
      await client.end()
    })
  )

export const hostileDatabase = hostile(freshDatabase)

/** The same for a host that holds a transaction for long. */
export const hostileHostDatabase = hostile(hostDatabase)
