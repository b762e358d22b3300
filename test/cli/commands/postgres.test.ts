import { createServer } from "node:net"
import { Redacted } from "effect"
import { beforeAll, describe, expect, test } from "vitest"
import { lasting } from "../../support/lasting.ts"
import { emptyDatabase, freshDatabase } from "../../support/postgres.ts"
import { refusing } from "../../support/refusing.ts"
import { command, commandProcess, type Env, leaveNothingRunning, serve } from "../support/Cli.ts"
import { buy, get, logIn, post, stockUp } from "../support/Http.ts"

const JWT_SECRET = "0123456789abcdef0123456789abcdef"
const oneLine = /^effect-commerce: [^\n]*\n$/

describe("Commands on PostgreSQL", () => {
  leaveNothingRunning()
  let DATABASE_URL: string
  beforeAll(async () => {
    DATABASE_URL = Redacted.value(await lasting(freshDatabase))
  })
  const refused = async (args: ReadonlyArray<string>, env: Env, run = command) => {
    const { code, stdout, stderr } = await run(args, { BCRYPT_COST: "4", ...env })
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(oneLine)
    return stderr
  }

  test("a database that does not answer is one line without its password", async () => {
    const away = { DATABASE_URL: "postgres://shop:hunter2@127.0.0.1:1/shop", JWT_SECRET }
    const admin = ["--email", "a@b", "--password", "hunter2 too"]
    const commands = [["serve"], ["migrate"], ["verify"], ["create-admin", ...admin]]
    const lines = commands.map((args) => refused(args, away))
    for (const line of await Promise.all([...lines, refused(["verify"], away, commandProcess)])) {
      expect(line).toContain("DATABASE_URL: ")
      expect(line).not.toContain("hunter2")
    }
  })

  test("a password that the database refuses is one line without it", async () => {
    const url = new URL(DATABASE_URL)
    url.password = "hunter2"
    const line = await refused(["migrate"], { DATABASE_URL: url.href })
    expect(line).toContain("DATABASE_URL: ")
    expect(line).not.toContain("hunter2")
  })

  test.each(refusing)("%s is one line with PostgreSQL's reason", async (_, made, says) => {
    const env = { DATABASE_URL: await lasting(made), JWT_SECRET }
    const admin = ["create-admin", "--email", "a@b", "--password", "hunter2 too"]
    for (const args of [["migrate"], ["serve"], admin]) {
      const line = await refused(args, env)
      expect(line).toMatch(/^effect-commerce: DATABASE_URL: /)
      expect(line).toMatch(says)
      expect(line).not.toMatch(/hunter2|current transaction is aborted/)
    }
  })

  test("only a server needs the secret of the tokens", async () => {
    expect(await refused(["serve"], { DATABASE_URL })).toContain("JWT_SECRET: ")
    expect(await commandProcess(["migrate"], { DATABASE_URL })).toMatchObject({ code: 0, stderr: "" })
  })

  test("migrate says what it did, and the second time that there was nothing to do", async () => {
    const env = { DATABASE_URL: Redacted.value(await lasting(emptyDatabase)), DATABASE_SCHEMA: "shop" }
    const told = await command(["migrate", "--dry-run"], env)
    expect(told).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining('CREATE TABLE "shop".orders')
    })
    const first = await command(["migrate"], env)
    expect(first).toMatchObject({ code: 0, stderr: "" })
    expect(first.stdout).toMatch(/^Migrated: .*initial.*\n$/)
    expect((await command(["migrate", "--dry-run"], env)).stdout).toBe("-- The tables are up to date\n")
    expect(await command(["migrate"], env)).toEqual({
      code: 0,
      stdout: "The tables are up to date\n",
      stderr: ""
    })
  })

  test("verify finds nothing wrong, and says so; without tables it says that", async () => {
    expect(await command(["verify"], { DATABASE_URL })).toMatchObject({
      code: 0,
      stdout: "Every invariant holds\n"
    })
    const { code, stdout, stderr } = await command(["verify"], { DATABASE_URL, DATABASE_SCHEMA: "nowhere" })
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/^effect-commerce: DATABASE_SCHEMA: [^\n]*\n$/)
  })

  test("create-admin makes an admin once, with a password that is good enough", async () => {
    const env = { DATABASE_URL, BCRYPT_COST: "4" }
    const admin = ["create-admin", "--email", "Boss@example.com"]
    const password = ["--password", "a secret phrase"]
    const weak = await refused([...admin, "--password", "weak"], env)
    expect(weak).toMatch(/password/i)
    expect(weak).not.toContain("weak")
    expect(await commandProcess([...admin, ...password], env)).toEqual({
      code: 0,
      stdout: "Created the admin Boss@example.com\n",
      stderr: ""
    })
    expect(await refused([...admin, ...password], env, commandProcess)).toMatch(/email.*already/)
    const again = { ...env, ADMIN_EMAIL: "boss@EXAMPLE.com", ADMIN_PASSWORD: "another phrase" }
    expect(await refused(["create-admin"], again)).not.toContain("another phrase")
    expect(await refused(["create-admin"], env)).toMatch(/email/i)
  })

  test("create-admin names what an email and a password were given with", async () => {
    const env = { DATABASE_URL, BCRYPT_COST: "4" }
    const flags = await refused(["create-admin", "--email", "nobody", "--password", "weak"], env)
    expect(flags).toMatch(/^effect-commerce: --email: Expected an email address; --password: Expected 8/)
    const variables = { ...env, ADMIN_EMAIL: "nobody", ADMIN_PASSWORD: "weak" }
    expect(await refused(["create-admin"], variables)).toMatch(/: ADMIN_EMAIL: .*; ADMIN_PASSWORD: /)
    const mixed = { ...env, ADMIN_PASSWORD: "a secret phrase" }
    expect(await refused(["create-admin", "--email", "nobody"], mixed)).toMatch(/: --email: [^;]*\n$/)
    expect(await command(["create-admin", "--email", "mixed@example.com"], mixed)).toMatchObject({
      code: 0,
      stdout: "Created the admin mixed@example.com\n"
    })
    expect(await refused(["create-admin", "--email", "mixed@example.com"], mixed)).toMatch(/: --email: /)
  })

  test("what looks at the data, or leaves some, refuses to do so in memory", async () => {
    const admin = ["--email", "a@b", "--password", "a secret phrase"]
    for (const args of [["verify"], ["stats"], ["demo-data"], ["create-admin", ...admin]]) {
      expect(await refused(args, { DATA_DIR: "memory" })).toMatch(
        /: DATA_DIR: an in-memory database is empty/
      )
    }
  })

  test("a server without any admin says how to make one, and then no more", async () => {
    const env = { DATABASE_URL: Redacted.value(await lasting(emptyDatabase)), JWT_SECRET, BCRYPT_COST: "4" }
    const first = await serve(env)
    expect(first.greeting).toMatch(
      /^ {2}admin {2}none yet: set ADMIN_EMAIL and ADMIN_PASSWORD, or run npm run create-admin$/m
    )
    await command(["create-admin", "--email", "boss@example.com", "--password", "a secret phrase"], env)
    await first.stop()
    expect((await serve(env)).greeting).not.toContain("admin")
  })

  test("two servers share accounts and tokens; a customer is never promoted; the port is theirs", async () => {
    const env = { DATABASE_URL, JWT_SECRET }
    await command(["create-admin", "--email", "first@example.com", "--password", "a secret phrase"], env)
    const one = await serve(env)
    expect(one.greeting).not.toMatch(/hunter2|admin/)
    const customer = { email: "customer@example.com", password: "a secret phrase" }
    expect((await post(`${one.url}/auth/register`, customer)).status).toBe(201)
    const token = await logIn(one.url, customer.email, customer.password)

    const admin = { ADMIN_EMAIL: "CUSTOMER@example.com", ADMIN_PASSWORD: "another phrase" }
    const line = await refused(["serve"], { ...env, ...admin, PORT: "0" }, commandProcess)
    expect(line).toContain("ADMIN_EMAIL: ")
    const taken = await refused(["serve"], { ...env, PORT: new URL(one.url).port })
    expect(taken).toContain("PORT: ")

    const two = await serve({ ...env, ADMIN_EMAIL: "chief@example.com", ADMIN_PASSWORD: "another phrase" })
    expect((await get(`${two.url}/auth/me`, token)).body).toMatchObject({
      ...{ email: customer.email },
      role: "customer"
    })
    const chief = await logIn(one.url, "chief@example.com", "another phrase")
    expect((await get(`${one.url}/auth/me`, chief)).body).toMatchObject({ role: "admin" })
    expect([(await one.stop()).code, (await two.stop("SIGINT")).code]).toEqual([0, 0])
  })

  test("customers pay at the simulated gateway only where it is named, and the start says so", async () => {
    const admin = { ADMIN_EMAIL: "till@example.com", ADMIN_PASSWORD: "a secret phrase" }
    const env = { DATABASE_URL, JWT_SECRET, ...admin }
    const answers = []
    for (const PAYMENTS of [undefined, "recorded", "simulated"]) {
      const { url, greeting, stop } = await serve(PAYMENTS === undefined ? env : { ...env, PAYMENTS })
      expect(greeting).toMatch(PAYMENTS === "simulated" ? /^ {2}pay {4}simulated/m : /^ {2}pay {4}recorded/m)
      const token = await logIn(url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
      const order = await buy(url, token, await stockUp(url, token))
      const { status, body } = await post(
        `${url}/orders/${order}/payments`,
        { paymentMethod: "sim_approve" },
        token
      )
      const charge = { paymentMethod: "invoice-4711", outcome: "APPROVED" }
      const recorded = await post(`${url}/orders/${order}/recorded-payments`, charge, token)
      answers.push([status, body.code, recorded.status, recorded.body.code ?? recorded.body.orderStatus])
      await stop()
    }
    const byTheShop = [400, "invalid-request", 201, "PAID"]
    expect(answers).toEqual([byTheShop, byTheShop, [201, undefined, 409, "order-not-payable"]])
  })

  test("a shop that records its charges has nothing to capture later", async () => {
    const settings = { DATABASE_URL, JWT_SECRET, PAYMENTS_CAPTURE: "later", PORT: "0" }
    expect(await refused(["serve"], settings)).toMatch(/^.*PAYMENTS_CAPTURE: .*PAYMENTS=recorded/)
  })

  test("an address that is no address of this machine is one line", async () => {
    const settings = { DATABASE_URL, JWT_SECRET, HOST: "192.0.2.1", PORT: "0" }
    const line = await refused(["serve"], settings)
    expect(line).toMatch(/HOST/)
  })

  test("a port that somebody else has is one line", async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
    const address = other.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    expect(await refused(["serve"], { DATABASE_URL, JWT_SECRET, PORT: `${port}` })).toContain(`PORT: ${port}`)
    other.close()
  })
})
