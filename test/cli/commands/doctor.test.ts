import { existsSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { beforeAll, describe, expect, test } from "vitest"
import { layerClient } from "../../../src/adapters/postgres/client/PgClient.ts"
import { fillDataDirectory } from "../../support/dataDirectory.ts"
import { lasting, newDirectory } from "../../support/lasting.ts"
import { emptyDatabase, freshDatabase } from "../../support/postgres.ts"
import { command, commandProcess, type Env, leaveNothingRunning, serve } from "../support/Cli.ts"

const JWT_SECRET = "k3J9zQ1xW8vB5nM2pL7rT4yU6iO0aSdF"

const examine = (env: Env, run = command) => run(["doctor"], { JWT_SECRET, ...env })

/** What it says is wrong, and that it ends as it should. */
const wrongs = async (env: Env, run = command) => {
  const { code, stdout, stderr } = await examine(env, run)
  const found = stdout.split("\n").filter((line) => line.startsWith("error"))
  expect([code, stderr === ""]).toEqual(found.length > 0 ? [1, false] : [0, true])
  expect(stdout + stderr).not.toMatch(/hunter2|\n {2,}at /)
  return found
}

// One of them waits for ten seconds, in which the others are done.
describe("The doctor", { concurrent: true }, () => {
  leaveNothingRunning("all")
  let url: Redacted.Redacted
  const at = (change: Partial<Pick<URL, "username" | "password" | "pathname">>) => ({
    DATABASE_URL: Object.assign(new URL(Redacted.value(url)), change).href
  })
  const sql = (statement: string) =>
    SqlClient.SqlClient.use((client) => client.unsafe(statement).unprepared).pipe(
      Effect.provide(layerClient({ url, pool: 1 })),
      Effect.runPromise
    )
  beforeAll(async () => {
    url = await lasting(freshDatabase)
  })

  test("finds nothing wrong where nothing is, warns of what is risky, and changes nothing", async () => {
    const { code, stdout, stderr } = await examine({ ...at({}), BCRYPT_COST: "4" }, commandProcess)
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(/^ok +PostgreSQL \d+/m)
    expect(stdout).toMatch(/^ok +The local clock .* agree$/m)
    expect(stdout).toMatch(/^ok +The tables in the schema "commerce" are up to date$/m)
    expect(stdout).toMatch(/^ok +All statement and lock timeouts are set$/m)
    expect(stdout).toMatch(/^warning +BCRYPT_COST is 4/m)
  })

  test("says which tables are missing, and which are too new", async () => {
    const empty = { DATABASE_URL: Redacted.value(await lasting(emptyDatabase)) }
    expect(await wrongs(empty)).toEqual([expect.stringMatching(/is not up to date. Run migrate/)])
    expect(await command(["migrate"], { ...empty, DATABASE_SCHEMA: "later" })).toMatchObject({
      code: 0,
      stderr: ""
    })
    await lasting(
      SqlClient.SqlClient.use(
        (client) => client`INSERT INTO later.migrations (migration_id, name) VALUES (99, 'future')`
      ).pipe(Effect.provide(layerClient({ url: Redacted.make(empty.DATABASE_URL), pool: 1 })))
    )
    expect(await wrongs({ ...empty, DATABASE_SCHEMA: "later" })).toEqual([
      expect.stringMatching(/migration 99.* Use the version/)
    ])
  })

  test("says what to do when nobody is let in", async () => {
    const silent = createServer((socket) => socket.on("error", () => {}))
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
    const address = silent.address()
    const port = typeof address === "object" && address !== null ? String(address.port) : ""
    const cases: ReadonlyArray<readonly [Env, RegExp]> = [
      [{ DATABASE_URL: "postgres://shop:hunter2@127.0.0.1:1/shop" }, /PostgreSQL is running/],
      [
        { DATABASE_URL: "postgres://shop:hunter2@no-such-host.invalid/shop" },
        /the host name cannot be resolved/
      ],
      [
        { DATABASE_URL: `postgres://shop:hunter2@127.0.0.1:${port}/shop` },
        /did not respond within 10 seconds/
      ],
      [at({ password: "hunter2" }), /the password is wrong/],
      [at({ pathname: "/no_such_database" }), /CREATE DATABASE/]
    ]
    await Promise.all(
      cases.map(async ([env, said]) => {
        expect(await wrongs(env)).toEqual([expect.stringMatching(said)])
      })
    )
    silent.close()
  })

  test("counts the connections of all workers", async () => {
    const { code, stdout } = await examine({ ...at({}), WORKERS: "3", DATABASE_POOL: "2" })
    expect(code).toBe(0)
    expect(stdout).toMatch(/connections .*; 3 workers, and one that replaces another, open up to 8 /)
    expect(await wrongs({ DATA_DIR: join(await newDirectory(), "data"), WORKERS: "3" })).toEqual([
      expect.stringContaining("WORKERS: more than 1 needs DATABASE_URL")
    ])
  })

  test("says which rights are missing", async () => {
    const role = `role_${crypto.randomUUID().replaceAll("-", "")}`
    await sql(`CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'`)
    const as = at({ username: role, password: "hunter2" })
    try {
      expect(await wrongs(as)).toEqual([expect.stringContaining(`GRANT USAGE, CREATE ON SCHEMA "commerce"`)])
      expect(await wrongs({ ...as, DATABASE_SCHEMA: "another" })).toEqual([
        expect.stringContaining(`CREATE SCHEMA "another"`),
        expect.stringContaining("Run migrate")
      ])
      const hidden = `GRANT pg_read_all_stats TO "${role}"`
      expect((await examine(as)).stdout).toContain(hidden)
      await sql(`GRANT pg_read_all_stats TO ${role}`)
      expect((await examine(as)).stdout).not.toContain(hidden)
    } finally {
      await sql(`DROP ROLE ${role}`)
    }
  })

  test("says that the server's secret is missing, or too short", async () => {
    expect(await wrongs({ ...at({}), JWT_SECRET: "" }, commandProcess)).toEqual([
      expect.stringContaining("JWT_SECRET is not set")
    ])
    const { code, stderr } = await examine({ ...at({}), JWT_SECRET: "hunter2" })
    expect([code, stderr]).toEqual([1, "effect-commerce: JWT_SECRET: Expected at least 32 bytes\n"])
  })

  test("looks at the embedded database, unless a server has it, and makes none", async () => {
    const DATA_DIR = join(await newDirectory(), "data")
    const env = { DATA_DIR, JWT_SECRET: "" }
    expect(await wrongs(env)).toEqual([])
    expect(existsSync(DATA_DIR)).toBe(false)
    expect(await wrongs({ ...env, DATA_DIR: "memory" })).toEqual([])

    await Effect.runPromise(fillDataDirectory(DATA_DIR))
    const server = await serve(env)
    expect(await wrongs(env)).toEqual([expect.stringContaining("already in use by process")])
    await server.stop()
    const { code, stdout } = await examine(env)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok +The tables .* are up to date$/m)
    expect(stdout).not.toMatch(/^w/m)
  })
})
