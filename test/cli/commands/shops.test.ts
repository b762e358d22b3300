import { Redacted } from "effect"
import { beforeAll, describe, expect, test } from "vitest"
import { lasting } from "../../support/lasting.ts"
import { poolOf } from "../../support/poolOf.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { command } from "../support/Cli.ts"

const password = "a password of the shop"

describe("Commands on shops", () => {
  let DATABASE_URL: string
  beforeAll(async () => {
    DATABASE_URL = Redacted.value(await lasting(freshDatabase))
  })
  const run = (...args: ReadonlyArray<string>) => command(args, { DATABASE_URL, BCRYPT_COST: "4" })
  const succeeds = async (...args: ReadonlyArray<string>) => {
    const ended = await run(...args)
    expect(ended, args.join(" ")).toMatchObject({ code: 0 })
    return ended
  }
  const sql = async (statement: string) => {
    const pool = poolOf({ connectionString: DATABASE_URL, max: 1 })
    await pool.query(statement)
    await pool.end()
  }

  test("migrate --shop creates a shop, and the others know it", async () => {
    expect((await run("verify", "--shop", "acme")).stderr).toContain('There is no shop "acme"')
    expect((await run("doctor", "--shop", "acme")).stdout).toMatch(/^error +There is no shop "acme"/m)
    expect((await succeeds("migrate", "--shop", "acme")).stdout).toContain("Migrated: 0001_initial")
    expect((await succeeds("migrate", "--shop", "acme")).stdout).toContain("up to date")
    expect((await succeeds("verify", "--shop", "acme")).stdout).toContain("Every invariant holds")
    // The settings of this server are those of tests, which it finds fault with.
    expect((await run("doctor", "--shop", "acme")).stdout).toContain('"commerce_acme" are up to date')
    await succeeds("stats", "--shop", "acme")
    await succeeds("demo-data", "--shop", "acme", "--products", "5", "--orders", "10")
    expect((await succeeds("stats", "--shop", "acme")).stdout).toContain("Orders      10")
    expect((await succeeds("stats")).stdout).toContain("Orders      0")
  })

  test("accounts and service tokens are those of the shop", async () => {
    const admin = ["--email", "same@example.com", "--password", password]
    for (const creating of [["create-admin", ...admin], ["demo-data"]]) {
      expect((await run(...creating, "--shop", "globex")).stderr).toContain('There is no shop "globex"')
    }
    await succeeds("migrate", "--shop", "globex")
    await succeeds("create-admin", "--shop", "globex", ...admin)
    await succeeds("create-admin", ...admin)
    expect((await run("create-admin", "--shop", "globex", ...admin)).code).toBe(1)
    expect((await succeeds("account", "list", "--shop", "globex")).stdout.trim().split("\n")).toHaveLength(1)
    expect((await succeeds("account", "find", "same@example.com", "--shop", "globex")).stdout).toContain(
      "admin"
    )
    expect((await succeeds("account", "list", "--shop", "acme")).stdout.trim()).toBe("")
    await succeeds("service-token", "create", "warehouse", "--shop", "globex")
    expect((await succeeds("service-token", "list", "--shop", "globex")).stdout).toContain("warehouse")
    expect((await succeeds("service-token", "list")).stdout).not.toContain("warehouse")
  })

  test("--all-shops goes through all with progress, goes on after one fails, and lists it", async () => {
    for (const shop of ["hooli", "initech"]) await succeeds("migrate", "--shop", shop)
    const all = ["acme", "globex", "hooli", "initech"]
    const migrated = await succeeds("migrate", "--all-shops")
    for (const shop of all)
      expect(migrated.stderr).toMatch(new RegExp(`^[1-4]/4 ${shop}: .*up to date$`, "m"))
    expect((await succeeds("verify", "--all-shops")).stdout).toContain("4 shops")
    const stats = (await succeeds("stats", "--all-shops")).stdout
    expect(stats).toMatch(/^acme\t10\t.+$/m)
    expect(stats).toMatch(/^globex\t0\t-$/m)

    await sql(`INSERT INTO commerce_globex.migrations (migration_id, name) VALUES (999, 'of the future')`)
    for (const command of ["migrate", "verify", "stats"]) {
      const { code, stderr } = await run(command, "--all-shops")
      expect(code).toBe(1)
      expect(stderr).toContain("1 of 4 shops failed: globex")
      expect(stderr).toMatch(/^[1-4]\/4 globex: failed: DATABASE_SCHEMA: .*migration 999/m)
      for (const shop of all.filter((name) => name !== "globex"))
        expect(stderr).toMatch(new RegExp(`^[1-4]/4 ${shop}: (?!failed)`, "m"))
    }
    await sql("DELETE FROM commerce_globex.migrations WHERE migration_id = 999")

    await sql("ALTER TABLE commerce_globex.orders RENAME TO lost")
    for (const command of ["verify", "stats"]) {
      const { code, stderr } = await run(command, "--all-shops")
      expect(code).toBe(1)
      expect(stderr).toContain("1 of 4 shops failed: globex")
      for (const shop of all) expect(stderr).toMatch(new RegExp(`^[1-4]/4 ${shop}: `, "m"))
    }
    await sql("ALTER TABLE commerce_globex.lost RENAME TO orders")
    await sql(
      "DELETE FROM commerce_acme.order_events WHERE order_id = (SELECT max(id::text)::uuid FROM commerce_acme.orders)"
    )
    const found = await run("verify", "--all-shops")
    expect(found.stdout).toMatch(/^acme \S+ [0-9a-f-]{36}: /m)
    expect(found.stderr).toContain("1 of 4 shops failed: acme")
  })

  test("a wrong name, both flags, or another installation is one line", async () => {
    for (const name of ["Acme", "a_b", "a.b", "", "1"]) {
      expect((await run("migrate", "--shop", name)).code, name).toBe(1)
    }
    expect((await run("verify", "--shop", "acme", "--all-shops")).stderr).toContain("--all-shops: ")
    await command(["migrate"], { DATABASE_URL, DATABASE_SCHEMA: "commerce_alone" })
    expect((await run("migrate", "--shop", "alone")).stderr).toContain("an installation of its own")
    expect((await run("verify", "--shop", "alone")).code).toBe(1)
    expect((await run("doctor", "--shop", "alone")).stdout).toMatch(/^error .*an installation of its own/m)
    expect((await succeeds("migrate", "--all-shops")).stderr).not.toContain("alone")
  })
})
