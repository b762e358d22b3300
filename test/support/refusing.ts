/** Databases that cannot be used, and what PostgreSQL says of each. */
import { randomBytes } from "node:crypto"
import { Effect } from "effect"
import pg from "pg"
import { inject } from "vitest"

const server = inject("server")

const withClient = <A>(url: string, use: (client: pg.Client) => Promise<A>): Promise<A> => {
  const client = new pg.Client({ connectionString: url })
  return client
    .connect()
    .then(() => use(client))
    .finally(() => client.end())
}

const at = (change: Partial<Pick<URL, "username" | "password" | "pathname">>) =>
  Object.assign(new URL(server.url), change).href

const newName = () => `${server.prefix}${randomBytes(6).toString("hex")}`

/** A database made with `options`, dropped with the scope. */
const database = (options: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const name = newName()
      await withClient(server.url, (client) =>
        client.query(`CREATE DATABASE "${name}" TEMPLATE template0 ${options}`)
      )
      return name
    }),
    (name) =>
      Effect.promise(() =>
        withClient(server.url, (client) => client.query(`DROP DATABASE "${name}" WITH (FORCE)`))
      )
  )

/** A role that may log in and nothing else, dropped with the scope. */
const role = Effect.acquireRelease(
  Effect.promise(async () => {
    const name = newName()
    await withClient(server.url, (client) => client.query(`CREATE ROLE "${name}" LOGIN PASSWORD 'hunter2'`))
    return name
  }),
  (name) => Effect.promise(() => withClient(server.url, (client) => client.query(`DROP ROLE "${name}"`)))
)

const prepared = (options: string, ...statements: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const pathname = yield* database(options)
    for (const statement of statements) {
      yield* Effect.promise(() => withClient(at({ pathname }), (client) => client.query(statement)))
    }
    return at({ pathname })
  })

const asRole = (...statements: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    // The role owns nothing, and is dropped after the database in which it has rights.
    const username = yield* role
    const url = new URL(
      yield* prepared("", ...statements.map((one) => one.replaceAll("ROLE", `"${username}"`)))
    )
    return Object.assign(url, { username, password: "hunter2" }).href
  })

const libc = "LOCALE_PROVIDER libc LOCALE 'C'"

/** What is wrong, a URL that shows it, and what has to be said. */
export const refusing = [
  [
    "a wrong password",
    Effect.succeed(at({ password: "hunter2" })),
    /password authentication failed for user/
  ],
  [
    "an unknown user",
    Effect.succeed(at({ username: "no_such_user" })),
    /password authentication failed for user "no_such_user"/
  ],
  [
    "an unknown database",
    Effect.succeed(at({ pathname: "/no_such_database" })),
    /database "no_such_database" does not exist/
  ],
  [
    "no right to connect",
    asRole(
      `DO $$ BEGIN EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database()); END $$`
    ),
    /permission denied for database/
  ],
  ["no right to create the schema", asRole(), /permission denied for database/],
  [
    "no right to create a table",
    asRole("CREATE SCHEMA commerce", "GRANT USAGE ON SCHEMA commerce TO ROLE"),
    /permission denied for schema commerce/
  ],
  [
    "another program's table of migrations",
    prepared("", "CREATE SCHEMA commerce", "CREATE TABLE commerce.migrations (name text)"),
    /column "migration_id" does not exist\. Another program uses this schema/
  ],
  [
    "another program's table of orders",
    prepared("", "CREATE SCHEMA commerce", "CREATE TABLE commerce.orders (id int)"),
    /relation "orders" already exists\. Another program uses this schema/
  ],
  [
    "the encoding LATIN1",
    prepared(`ENCODING 'LATIN1' ${libc}`),
    /The encoding of the database is LATIN1.*ENCODING 'UTF8'/
  ],
  [
    "the encoding SQL_ASCII",
    prepared(`ENCODING 'SQL_ASCII' ${libc}`),
    /The encoding of the database is SQL_ASCII/
  ]
] as const
