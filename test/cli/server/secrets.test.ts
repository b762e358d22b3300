import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { promisify } from "node:util"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, inject, test } from "vitest"
import { layerClient } from "../../../src/adapters/postgres/client/PgClient.ts"
import { lasting } from "../../support/lasting.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { runningBundle } from "../../support/programs.ts"
import { leaveNothingRunning, serve } from "../support/Cli.ts"

/** What nobody may get to see, and what each is. */
type Secrets = Map<string, string>

/** The secrets that a text has in it. */
const leaks = (text: string, secrets: Secrets): ReadonlyArray<string> => [
  ...[...secrets].filter(([secret]) => text.includes(secret)).map(([, what]) => what),
  ...(/\$2[aby]\$\d\d\$/.test(text) ? ["a password hash"] : []),
  ...(/eyJ[\w-]+\.eyJ[\w-]+\./.test(text) ? ["a token"] : [])
]

const kinds = ["password", "wrong password", "new password", "admin", "signing secret", "old secret"]
const newSecrets = (): Secrets =>
  new Map(kinds.map((what) => [`${what.replaceAll(" ", "-")}-${crypto.randomUUID()}`, what]))

/** Remembers every token that a server gives out, and its hash. */
const watch = (answer: Readonly<Record<string, unknown>>, secrets: Secrets) => {
  for (const field of ["accessToken", "refreshToken"]) {
    const token = answer[field]
    if (typeof token !== "string") continue
    secrets.set(token, field)
    secrets.set(createHash("sha256").update(token).digest("hex"), `the hash of ${field}`)
  }
}

describe("All that a server says", () => {
  leaveNothingRunning()

  test.each(["json", "pretty"])(
    "as %s has no secret in it, not even where things go wrong [L6]",
    async (format) => {
      const url = await lasting(freshDatabase)
      const secrets = newSecrets()
      const [password = "", wrong = "", changed = "", admin = "", JWT_SECRET = "", old = ""] = secrets.keys()
      secrets.set(new URL(Redacted.value(url)).password, "the database's password")
      const server = await serve({
        DATABASE_URL: Redacted.value(url),
        JWT_SECRET,
        JWT_PREVIOUS_SECRETS: old,
        ADMIN_EMAIL: "boss@example.com",
        ADMIN_PASSWORD: admin,
        LOG_LEVEL: "trace",
        LOG_FORMAT: format
      })
      const statuses = new Set<number>()

      const ask = async (path: string, body: unknown, token = "") => {
        const headers = { "content-type": "application/json", authorization: `Bearer ${token}` }
        const asked =
          body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) }
        const response = await fetch(`${server.url}${path}`, asked)
        statuses.add(response.status)
        const text = await response.text()
        const answer = text === "" ? {} : JSON.parse(text)
        watch(answer, secrets)
        return answer
      }

      /** All that people do with their accounts, well and badly. */
      const everything = async (email: string) => {
        for (const given of [email, email, 7]) await ask("/auth/register", { email: given, password })
        await ask("/auth/login", { email, password: wrong })
        await ask("/auth/login", { email: [password], password: { wrong } })
        await ask("/auth/login", { email: "boss@example.com", password: admin })
        const { accessToken, refreshToken } = await ask("/auth/login", { email, password })
        for (const token of [accessToken, `${accessToken}x`]) await ask("/auth/me", undefined, token)
        await ask("/categories", { name: "Mine" }, accessToken)
        await ask(`/products/${accessToken}`, undefined)
        await ask(`/products?cursor=${accessToken}`, undefined)
        const next = await ask("/auth/refresh", { refreshToken })
        for (const token of [refreshToken, next.refreshToken])
          await ask("/auth/refresh", { refreshToken: token })
        await ask("/auth/logout", { refreshToken: next.refreshToken })
        for (const currentPassword of [wrong, password]) {
          await ask("/auth/password", { currentPassword, newPassword: changed }, accessToken)
        }
        await ask("/auth/logout-everywhere", {}, accessToken)
      }

      const change = (statement: string) =>
        SqlClient.SqlClient.use((sql) => sql.unsafe(statement).unprepared).pipe(
          Effect.provide(layerClient({ url, pool: 1 })),
          Effect.runPromise
        )

      await everything("ada@example.com")
      const ada = { email: "ada@example.com", password: changed }
      const { refreshToken } = await ask("/auth/login", ada)
      // The database refuses what it never should, and says in which row.
      await change("ALTER TABLE commerce.accounts ADD CHECK (email LIKE 'ada%') NOT VALID")
      await ask("/auth/register", { email: "bob@example.com", password })
      await change("ALTER TABLE commerce.refresh_tokens ADD CHECK (used_at IS NULL) NOT VALID")
      await ask("/auth/refresh", { refreshToken })
      await change("ALTER TABLE commerce.refresh_tokens ADD CHECK (token_hash = '') NOT VALID")
      await ask("/auth/login", ada)
      await change("ALTER TABLE commerce.accounts RENAME TO lost")
      await everything("ada@example.com")

      const { stdout, stderr } = await server.stop()
      expect([...statuses].sort()).toEqual([200, 201, 204, 400, 401, 403, 404, 409, 500])
      expect(stdout.match(/Unexpected error in a request/g)?.length).toBeGreaterThan(6)
      expect(secrets.size).toBeGreaterThan(15)
      expect(leaks(stdout + stderr, secrets)).toEqual([])
    }
  )

  test("would be found out if it had one, wherever it was", async () => {
    const secrets = newSecrets()
    const { args } = runningBundle(inject("programs"), "test/fixtures/leaky.ts")
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args, ...secrets.keys()])
    expect(leaks(stdout + stderr, secrets)).toEqual(kinds)
    expect(leaks("x $2b$12$abc", secrets)).toEqual(["a password hash"])
    expect(leaks("Bearer eyJhbGciOiJI.eyJzdWIi.x", secrets)).toEqual(["a token"])
  })
})
