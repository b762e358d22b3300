import { Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ShopName } from "../../../domain/shops/ShopName.ts"
import { DatabaseRefused, type StoreUnavailable } from "../../../ports/errors.ts"
import { read } from "../execution/Transaction.ts"
import { type Migrated, migrate } from "../schema/Migrations.ts"

/** The bytes that a name of PostgreSQL has at most. */
const longestName = 63

/**
 * Returns the schema of a shop: that of the installation with the name after it, such as `commerce_acme`. A name has no underscore, so no
 * two shops have the same schema.
 */
export const schemaOf = (base: string, shop: ShopName): string => `${base}_${shop.replaceAll("-", "_")}`

const refuse = (reason: string) => Effect.fail(new DatabaseRefused({ reason, cause: new Error(reason) }))

/** Fails if PostgreSQL would cut the name off, and two shops would have one schema. */
const requireShort = (schema: string) =>
  schema.length <= longestName
    ? Effect.void
    : refuse(`The schema ${schema} has more than ${longestName} characters: choose a shorter name`)

/**
 * The mark of a shop: a comment on the table of its migrations. Names alone are ambiguous: `commerce_acme` may be a shop of the
 * installation `commerce`, or an installation. Dumps keep the comment, and the owner of the table may always set it.
 */
const prefix = (base: string) => `effect-commerce shop of ${base}: `
const markOf = (base: string, shop: ShopName) => `${prefix(base)}${shop}`

const asShopName = Schema.decodeUnknownOption(ShopName)

/** Returns the shops of an installation on this server, sorted. */
export const listShops = (
  base: string
): Effect.Effect<ReadonlyArray<ShopName>, StoreUnavailable, SqlClient.SqlClient> =>
  SqlClient.SqlClient.use((client) => {
    const sql = client.withoutTransforms()
    return Effect.map(
      read(sql<{ shop: string; schema: string }>`
        SELECT substr(d.description, ${prefix(base).length + 1}::int) AS shop, n.nspname::text AS schema
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
        WHERE c.relname = 'migrations' AND starts_with(d.description, ${prefix(base)})`),
      (rows) =>
        rows
          .flatMap(({ shop, schema }) => {
            const name = Option.getOrUndefined(asShopName(shop))
            // A schema that was renamed keeps its comment.
            return name !== undefined && schemaOf(base, name) === schema ? [name] : []
          })
          .sort()
    )
  })

/** Whether the schema of a shop has its tables, those of another installation, or none. */
const stateOf = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, base: string, shop: ShopName) {
  const [row] = yield* sql<{ mark: string | null; migrated: boolean }>`
    SELECT to_regclass(t.name) IS NOT NULL AS migrated, obj_description(to_regclass(t.name), 'pg_class') AS mark
    FROM (SELECT ${`"${schemaOf(base, shop)}".migrations`}::text AS name) t`
  if (row?.migrated !== true) return "absent"
  return row.mark === markOf(base, shop) ? "present" : "foreign"
})

const refuseForeign = (base: string, shop: ShopName) => {
  const schema = schemaOf(base, shop)
  return refuse(
    `The schema ${schema} has tables of effect-commerce that are not those of the shop ${shop}: it is an installation of its own, or a ` +
      `dump was restored without comments. For the latter run: COMMENT ON TABLE "${schema}".migrations IS '${markOf(base, shop)}'`
  )
}

/** Whether there is the shop. Fails with `DatabaseRefused` if its schema is that of another installation. */
export const shopExists = (
  base: string,
  shop: ShopName
): Effect.Effect<boolean, DatabaseRefused | StoreUnavailable, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    yield* requireShort(schemaOf(base, shop))
    const state = yield* read(stateOf(sql, base, shop))
    return state === "foreign" ? yield* refuseForeign(base, shop) : state === "present"
  })

/**
 * Creates the tables of a shop, or updates them, in one transaction. Fails with `DatabaseRefused` if its schema is that of another
 * installation.
 */
export const migrateShop = (base: string, shop: ShopName) =>
  Effect.gen(function* () {
    yield* shopExists(base, shop)
    const schema = schemaOf(base, shop)
    const mark = (sql: SqlClient.SqlClient) =>
      // A concurrent call may have created it in the meantime, or dropped it.
      Effect.flatMap(stateOf(sql, base, shop), (state) =>
        state === "present"
          ? Effect.void
          : sql`COMMENT ON TABLE ${sql.literal(`"${schema}".migrations`)} IS ${sql.literal(`'${markOf(base, shop)}'`)}`
              .unprepared
      )
    const migrated: Migrated = yield* migrate(schema, { within: mark })
    return migrated
  })

/**
 * Updates the tables of a shop that exists. A shop that was dropped in the meantime is not created: clients ask for that. Fails with
 * `DatabaseRefused` then.
 */
export const updateShop = (base: string, shop: ShopName) =>
  migrate(schemaOf(base, shop), {
    within: (sql) =>
      Effect.flatMap(stateOf(sql, base, shop), (state) =>
        state === "present" ? Effect.void : refuse(`The shop ${shop} was dropped`)
      )
  })
