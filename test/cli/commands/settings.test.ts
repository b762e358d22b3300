import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { ConfigProvider, Effect, Redacted, Result } from "effect"
import { describe, expect, test } from "vitest"
import { serverSettings } from "../../../src/cli/support/Settings.ts"
import { newDirectory } from "../../support/lasting.ts"
import { command, commandProcess, type Env } from "../support/Cli.ts"

const read = (env: Env) =>
  Effect.runPromise(
    Effect.provide(Effect.result(serverSettings), ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
  )

/** The line that a wrong setting is answered with; none if all is right. */
const complaint = async (env: Env) =>
  Result.match(await read(env), { onSuccess: () => "", onFailure: ({ line }) => line })

const secret = "0123456789abcdef0123456789abcdef"
const postgres = { DATABASE_URL: "postgres://shop:hunter2@127.0.0.1/shop", JWT_SECRET: secret }

const wrong: Record<string, ReadonlyArray<string>> = {
  DATABASE_URL: ["mysql://u:hunter2@h/x", "hunter2", "postgres://u:hunter2@h:port/x", "/var/hunter2"],
  DATABASE_REPLICA_URL: ["mysql://u:hunter2@h/x", "hunter2", "postgres://shop:hunter2@h/shop"],
  DATABASE_REPLICA_MAX_LAG: ["999 millis", "0", "-1 second", "soon", "5"],
  DATABASE_SCHEMA: ["Shop", "1shop", "a-b", "a.b", 'a"b', "x".repeat(64), "shöp", "pg_foo", "pg_"],
  DATABASE_POOL: ["0", "-1", "x", "1.5", "1001", "1e1", "+5", "05", " "],
  PORT: ["x", "-1", "65536", "80.5", "0x50", " ", "80 "],
  METRICS_PORT: ["on", "65536"],
  WORKERS: ["0", "65", "auto"],
  BASE_PATH: ["shop", "/shop//x", "/sh op", "/shop?x", "https://shop.example/", "/..", "/shop/./x", "/./"],
  JWT_SECRET: ["hunter2", "hunter2".repeat(4)],
  JWT_PREVIOUS_SECRETS: ["hunter2", `${secret},hunter2`, `${secret},`],
  AUTH_RATE_LIMIT: ["on", "30", "0 per minute", "30 per fortnight", "-1 per hour", "1.5 per second"],
  TRUSTED_PROXIES: ["on", "1", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/8,", "0.0.0.0/0", "::/0"],
  CORS_ORIGINS: [
    "https://*.shop.example",
    "shop.example",
    "https://shop.example/",
    "https://a.example,",
    "*,x",
    "https://u@shop.example"
  ],
  ACCESS_TOKEN_TTL: ["soon", "15", "0 seconds", "-5 minutes", "10 millis", "Infinity"],
  REFRESH_TOKEN_TTL: ["soon", "0", "-1 day"],
  PASSWORD_RESET_TTL: ["soon", "0", "-1 hour"],
  IDEMPOTENCY_KEY_TTL: ["soon", "23 hours"],
  BCRYPT_COST: ["3", "16", "x", "10.5"],
  UNPAID_ORDER_TTL: ["soon", "0 seconds", "on"],
  PAYMENTS_CAPTURE: ["never", "NOW", "off"],
  PAYMENTS_AFTER_DECLINE: ["pay", "failed"],
  ADMIN_EMAIL: ["boss@example.com"],
  DATABASE_POOLER: ["on", "session"],
  METRICS: ["yes", "1"],
  PAYMENTS: ["on", "Simulated"],
  OTEL_EXPORTER_OTLP_ENDPOINT: ["hunter2", "127.0.0.1:4318", "grpc://127.0.0.1"],
  OTEL_EXPORTER_OTLP_PROTOCOL: ["grpc"],
  LOG_LEVEL: ["loud", "1"],
  LOG_FORMAT: ["xml", "JSON,pretty"]
}

const right: Record<string, ReadonlyArray<string>> = {
  DATABASE_REPLICA_MAX_LAG: ["1 second", "5 minutes"],
  DATABASE_SCHEMA: ["shop", "_x1", "pg", "x".repeat(63)],
  DATABASE_POOL: ["1", "50"],
  WORKERS: ["1", "64"],
  PORT: ["0", "3000", "65535", ""],
  JWT_SECRET: [secret],
  JWT_PREVIOUS_SECRETS: [secret, `${secret}, ${secret}x`, ""],
  AUTH_RATE_LIMIT: ["off", "30 per minute", "1 per second", "100 per 2 hours"],
  TRUSTED_PROXIES: ["off", "10.0.0.1", "10.0.0.0/8, ::1", "fd00::/8"],
  CORS_ORIGINS: ["off", "*", "https://shop.example", "https://shop.example, http://localhost:5173"],
  ACCESS_TOKEN_TTL: ["15 minutes", "1 hour"],
  REFRESH_TOKEN_TTL: ["30 days"],
  PASSWORD_RESET_TTL: ["1 hour", "15 minutes"],
  BCRYPT_COST: ["4", "12", "15"],
  UNPAID_ORDER_TTL: ["off", "30 minutes"],
  PAYMENTS_CAPTURE: ["now", "later"],
  PAYMENTS_AFTER_DECLINE: ["fail", "payable"],
  DATABASE_POOLER: ["off", "transaction"],
  METRICS: ["off", "on"],
  METRICS_PORT: ["0", "9464", ""],
  BASE_PATH: ["/", "/shop", "/api/v1/", "/...", "/.shop", ""],
  KEEP_ALIVE_TIMEOUT: ["72 seconds"],
  PAYMENTS: ["simulated", "recorded", ""],
  OTEL_EXPORTER_OTLP_ENDPOINT: ["http://127.0.0.1:4318", "https://collector.example/otlp", ""],
  OTEL_EXPORTER_OTLP_PROTOCOL: ["http/json", "http/protobuf"],
  LOG_LEVEL: ["info", "Info", "debug", "warn", "error", "none"],
  LOG_FORMAT: ["json", "pretty"]
}

const rows = (table: Record<string, ReadonlyArray<string>>) =>
  Object.entries(table).flatMap(([name, values]) => values.map((value) => ({ name, value })))

describe("Settings", () => {
  test.each(rows(wrong))(
    "$name=$value is answered with its name, never with its value",
    async ({ name, value }) => {
      const line = await complaint({ ...(name === "DATABASE_URL" ? postgres : {}), [name]: value })
      expect(line).toMatch(name === "ADMIN_EMAIL" ? /^ADMIN_PASSWORD: / : new RegExp(`^${name}: `))
      expect(line).not.toMatch(/hunter2|\n|at .*\.ts/)
    }
  )

  test.each(rows(right))("$name=$value is right", async ({ name, value }) => {
    expect(await complaint({ [name]: value })).toBe("")
  })

  test("a replica needs a server that it follows", async () => {
    const replica = { DATABASE_REPLICA_URL: "postgres://shop:hunter2@127.0.0.1/shop" }
    expect(await complaint(replica)).toBe(
      "DATABASE_REPLICA_URL: Expected none without DATABASE_URL, because the embedded database has no replica"
    )
    expect(await complaint({ ...postgres, ...replica })).toBe("")
  })

  test.each([
    ["DATABASE_REPLICA_MAX_LAG", 'Expected a duration of at least 1 second, such as "5 seconds"'],
    ["ACCESS_TOKEN_TTL", 'Expected a duration such as "15 minutes"'],
    ["REFRESH_TOKEN_TTL", 'Expected a duration such as "30 days"'],
    ["UNPAID_ORDER_TTL", 'Expected a duration such as "30 minutes", or off'],
    ["IDEMPOTENCY_KEY_TTL", 'Expected a duration of at least 24 hours, such as "7 days"'],
    ["METRICS", "Expected on or off"],
    ["PAYMENTS_CAPTURE", "Expected now or later"],
    ["PAYMENTS_AFTER_DECLINE", "Expected fail or payable"],
    ["DATABASE_POOLER", "Expected transaction or off"],
    ["LOG_FORMAT", "Expected pretty or json"],
    ["BCRYPT_COST", "Expected an integer from 4 to 15"],
    ["TRUSTED_PROXIES", 'Expected networks separated by commas, such as "10.0.0.0/8, ::1", or off'],
    ["AUTH_RATE_LIMIT", 'Expected a rate such as "30 per minute", or off'],
    ["CORS_ORIGINS", 'Expected origins separated by commas, such as "https://shop.example" or *, or off']
  ])("what %s may be is said in words", async (name, words) => {
    expect(await complaint({ [name]: "maybe" })).toBe(`${name}: ${words}`)
  })

  test("without any variable all has a default", async () => {
    expect(Result.getOrThrow(await read({}))).toMatchObject({
      database: { schema: "commerce", pool: 10, pooler: "off", embedded: ".effect-commerce" },
      auth: { bcryptCost: 12, previousSecrets: [] },
      http: { rateLimit: { limit: 30 }, trustedProxies: [], corsOrigins: [] },
      payments: { capture: "now", afterDecline: "fail" },
      maintenance: { unpaidOrderTtl: "off" },
      server: { host: "127.0.0.1", port: 3000, logLevel: "Info", metrics: "off" }
    })
  })

  test("a secret can be in a file, and its last newline is no part of it", async () => {
    const directory = await newDirectory()
    const fileOf = async (name: string, text: string) => {
      const path = join(directory, name)
      await writeFile(path, text)
      return path
    }
    const { auth, database, server } = Result.getOrThrow(
      await read({
        DATABASE_URL_FILE: await fileOf("url", `${postgres.DATABASE_URL}\n`),
        JWT_SECRET_FILE: await fileOf("secret", `${secret}\r\n`),
        JWT_PREVIOUS_SECRETS_FILE: await fileOf("previous", `${secret}1, ${secret}2\n`),
        ADMIN_EMAIL: "a@b",
        ADMIN_PASSWORD_FILE: await fileOf("password", " hunter2 and more ")
      })
    )
    const texts = [database.url, auth.jwtSecret, ...auth.previousSecrets, server.adminPassword]
    expect(texts.map((text) => text && Redacted.value(text))).toEqual([
      postgres.DATABASE_URL,
      secret,
      `${secret}1`,
      `${secret}2`,
      " hunter2 and more "
    ])
  })

  test("a file of a secret that is of no use is named by its variable, without the path or the text", async () => {
    const directory = join(await newDirectory(), "hunter2")
    await mkdir(directory)
    const [short, empty] = [join(directory, "short"), join(directory, "empty")]
    await Promise.all([writeFile(short, "hunter2"), writeFile(empty, "\n")])
    expect(await complaint({ JWT_SECRET_FILE: join(directory, "none") })).toBe(
      "JWT_SECRET_FILE: the file cannot be read (ENOENT)"
    )
    expect(await complaint({ DATABASE_URL_FILE: directory })).toBe(
      "DATABASE_URL_FILE: the file cannot be read (EISDIR)"
    )
    expect(await complaint({ JWT_SECRET_FILE: short })).toBe("JWT_SECRET_FILE: Expected at least 32 bytes")
    expect(await complaint({ JWT_SECRET_FILE: empty })).toBe("JWT_SECRET_FILE: the file is empty")
    expect(await complaint({ JWT_SECRET: secret, JWT_SECRET_FILE: short })).toBe(
      "JWT_SECRET_FILE: Expected none, because JWT_SECRET is set too"
    )
    expect(await complaint({ PORT_FILE: short })).toBe("")
  })

  test("a server on PostgreSQL needs a secret", async () => {
    expect(await complaint(postgres)).toBe("")
    expect(await complaint({ DATABASE_URL: postgres.DATABASE_URL })).toMatch(/^JWT_SECRET: /)
    expect(await complaint({ ...postgres, JWT_SECRET: "" })).toMatch(/^JWT_SECRET: /)
  })

  test("an admin needs both email and password", async () => {
    expect(await complaint({ ADMIN_PASSWORD: "hunter2 and more" })).toMatch(/^ADMIN_EMAIL: /)
    expect(await complaint({ ADMIN_EMAIL: "a@b", ADMIN_PASSWORD: "hunter2 and more" })).toBe("")
  })

  test("all that is wrong comes in one line, on standard error, with exit code 1", async () => {
    const env = {
      PORT: "x",
      BCRYPT_COST: "99",
      DATABASE_SCHEMA: "Shop",
      JWT_SECRET: "hunter2",
      ADMIN_PASSWORD: "hunter2"
    }
    const { code, stdout, stderr } = await commandProcess(["serve"], env)
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/^effect-commerce: [^\n]*\n$/)
    for (const name of ["PORT", "BCRYPT_COST", "DATABASE_SCHEMA"]) expect(stderr).toContain(`${name}: `)
    expect(stderr).not.toContain("hunter2")
  })

  test("--version and --help tell, and end with 0", async () => {
    const commands = ["serve", "migrate", "create-admin", "verify", "doctor"]
    const asked = [["--help"], ...commands.map((name) => [name, "--help"])]
    const version = await commandProcess(["--version"])
    const helps = await Promise.all(asked.map((args) => command(args)))
    expect(version).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/\d+\.\d+\.\d+/) })
    for (const { code, stdout, stderr } of helps) {
      expect([code, stderr]).toEqual([0, ""])
      expect(stdout).toMatch(/USAGE\n {2}effect-commerce/)
    }
    for (const name of commands) expect(helps[0]?.stdout).toContain(name)
  })

  test("a command that is not there ends with 1", async () => {
    const { code, stderr } = await commandProcess(["nonsense"])
    expect(code).toBe(1)
    expect(stderr).toContain("nonsense")
  })
})
