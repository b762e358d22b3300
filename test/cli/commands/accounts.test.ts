import { randomUUID } from "node:crypto"
import { Redacted } from "effect"
import { beforeAll, describe, expect, test } from "vitest"
import { lasting } from "../../support/lasting.ts"
import { emptyDatabase, freshDatabase } from "../../support/postgres.ts"
import { command, type Env, leaveNothingRunning, serve } from "../support/Cli.ts"
import { logIn } from "../support/Http.ts"

const JWT_SECRET = "0123456789abcdef0123456789abcdef"

describe("Commands of accounts and service tokens", () => {
  leaveNothingRunning("all")
  let env: Env
  let url: string
  const admin = { email: "admin@example.com", password: "a password of the admin" }
  const run = (...args: ReadonlyArray<string>) => command(args, env)
  const done = async (...args: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("effect-commerce:")])
    return stdout.trimEnd()
  }
  const refused = async (...args: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/^effect-commerce: [^\n]*\n$/)
    return stderr
  }
  const post = (path: string, body: unknown, token?: string) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body)
    })
  const newCustomer = async () => {
    const who = { email: `${randomUUID()}@example.com`, password: "a password of theirs" }
    const { id } = await (await post("/auth/register", who)).json()
    return { id, ...who }
  }

  beforeAll(async () => {
    env = { DATABASE_URL: Redacted.value(await lasting(freshDatabase)), JWT_SECRET, BCRYPT_COST: "4" }
    const server = await serve({ ...env, ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password })
    url = server.url
  })

  test("find an account by its email in any case and by its id, or exit with 1", async () => {
    const { id, email } = await newCustomer()
    const line = await done("account", "find", email.toUpperCase())
    expect(line.split("\t")).toEqual([id, email, "customer", expect.stringMatching(/Z$/), "enabled"])
    expect(await done("account", "find", id)).toBe(line)
    expect((await done("account", "list", "--limit", "1")).split("\n")).toEqual([line])
    expect(await refused("account", "find", "nobody@example.com")).toContain("nobody@example.com")
    expect(await refused("account", "find", randomUUID())).toContain("No account has the id")
  })

  test("disable and enable an account while a server runs, but not the last admin", async () => {
    const { id, email, password } = await newCustomer()
    expect(await done("account", "disable", email)).toMatch(/\tdisabled \S+Z$/)
    expect((await post("/auth/login", { email, password })).status).toBe(401)
    expect(await done("account", "enable", id)).toMatch(/\tenabled$/)
    expect((await post("/auth/login", { email, password })).status).toBe(200)
    expect(await refused("account", "disable", admin.email)).toContain("last admin")
  })

  test("print nothing but the reset token, which the server takes once", async () => {
    const { email } = await newCustomer()
    const token = await done("account", "reset-password", email)
    expect(token).toMatch(/^[\w-]{43}$/)
    const reset = () => post("/auth/reset-password", { token, newPassword: "a password from the mail" })
    expect((await reset()).status).toBe(204)
    expect((await reset()).status).toBe(403)
    expect((await post("/auth/login", { email, password: "a password from the mail" })).status).toBe(200)
    await done("account", "disable", email)
    expect(await refused("account", "reset-password", email)).toContain("is disabled")
  })

  test("print nothing but the service token, which the server takes until it is revoked", async () => {
    const token = await done("service-token", "create", "warehouse")
    expect(token).toMatch(/^ecs_[\w-]{43}$/)
    const ask = () => fetch(`${url}/analytics/summary`, { headers: { authorization: `Bearer ${token}` } })
    expect((await ask()).status).toBe(200)
    expect(await refused("service-token", "create", "Warehouse")).toContain("already has this name")
    const listed = await done("service-token", "list")
    expect(listed.split("\t").slice(1)).toEqual(["warehouse", expect.stringMatching(/Z$/), "system"])
    expect(listed).not.toContain(token)
    expect(await done("service-token", "revoke", "WAREHOUSE")).toBe("Revoked warehouse")
    expect((await ask()).status).toBe(401)
    expect(await refused("service-token", "revoke", "warehouse")).toContain("warehouse")
    expect(await done("service-token", "list")).toBe("")
  })

  test("are refused where there are no tables, and make none", async () => {
    const DATABASE_URL = Redacted.value(await lasting(emptyDatabase))
    const { code, stderr } = await command(["account", "list"], { ...env, DATABASE_URL })
    expect([code, stderr]).toEqual([1, expect.stringContaining("DATABASE_SCHEMA")])
  })

  test("describe themselves", async () => {
    for (const name of ["account", "service-token"]) {
      const { code, stdout } = await run(name, "--help")
      expect([code, stdout]).toEqual([0, expect.stringContaining("SUBCOMMANDS")])
    }
    expect(await logIn(url, admin.email, admin.password)).toMatch(/\./)
  })
})
