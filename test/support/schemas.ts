/** The schemas of all versions, as they were frozen, and what a schema is made of. */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const directory = join(import.meta.dirname, "../fixtures/schemas")

export const fileOf = (migration: number) => join(directory, `${String(migration).padStart(4, "0")}.sql`)

/** The migrations after which a schema was frozen. */
export const frozen: ReadonlyArray<number> = readdirSync(directory)
  .filter((name) => name.endsWith(".sql"))
  .map((name) => Number.parseInt(name, 10))
  .sort((a, b) => a - b)

/** Everything that a schema has, by what the catalog says of it; the order of columns does not matter. */
export const catalogOf = (schema: string) =>
  SqlClient.SqlClient.use((sql) =>
    Effect.map(
      sql<{ said: string }>`
        WITH tables AS (
          SELECT c.oid, c.relname, c.relkind, c.reloptions FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ${schema}
        )
        SELECT format('%s %s %s', relkind, relname, reloptions) AS said FROM tables
        UNION ALL
        SELECT format('column %s.%s %s null=%s default=%s generated=%s identity=%s collation=%s', t.relname, a.attname,
          format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated,
          a.attidentity, a.attcollation::regcollation)
        FROM tables t
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
        WHERE t.relkind = 'r'
        UNION ALL
        SELECT format('constraint %s.%s %s', t.relname, k.conname, pg_get_constraintdef(k.oid))
        FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid
        UNION ALL
        SELECT format('index %s valid=%s', pg_get_indexdef(i.indexrelid), i.indisvalid)
        FROM tables t JOIN pg_index i ON i.indrelid = t.oid
        UNION ALL
        SELECT format('trigger %s', pg_get_triggerdef(g.oid))
        FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
        UNION ALL
        SELECT format('function %s', pg_get_functiondef(p.oid))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = ${schema}
        ORDER BY said`,
      (rows) => rows.map(({ said }) => said)
    )
  )
