import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, test, vi } from "vitest"
import { layerClient } from "../../../src/adapters/postgres/client/PgClient.ts"
import { command, leaveNothingRunning, serve } from "../../cli/support/Cli.ts"
import { buy, logIn, post, stockUp } from "../../cli/support/Http.ts"
import { lasting } from "../../support/lasting.ts"
import { holding } from "../../support/locks.ts"
import { isInstalled, throughPgBouncer } from "../../support/PgBouncer.ts"
import { freshDatabase } from "../../support/postgres.ts"

vi.setConfig({ testTimeout: 120_000 })

const JWT_SECRET = "0123456789abcdef0123456789abcdef"
const admin = { ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: "a secret phrase" }

describe.skipIf(!isInstalled)("PgBouncer in transaction mode", () => {
  leaveNothingRunning()

  const pooled = async () => {
    const direct = await lasting(freshDatabase)
    const DATABASE_URL = Redacted.value(await lasting(throughPgBouncer(direct)))
    const run = <A, E>(work: Effect.Effect<A, E, SqlClient.SqlClient>) =>
      Effect.runPromise(Effect.provide(work, layerClient({ url: direct })))
    const sql = (text: string) =>
      run(
        SqlClient.SqlClient.use((client) =>
          Effect.forEach(text.split(";"), (one) => client.unsafe(one).unprepared)
        )
      )
    return { env: { DATABASE_URL, JWT_SECRET, PAYMENTS: "simulated", ...admin }, run, sql }
  }

  test("is told apart by the doctor, who says what to do until all is right", async () => {
    const { env, sql } = await pooled()
    const first = await command(["doctor"], env)
    expect(first.code).toBe(1)
    expect(first.stdout).toContain("set DATABASE_POOLER=transaction")

    const second = await command(["doctor"], { ...env, DATABASE_POOLER: "transaction" })
    expect(second.code).toBe(1)
    const statements = /ALTER ROLE .*;/.exec(second.stdout)?.[0] ?? ""
    expect(
      statements.match(/lock_timeout|statement_timeout|idle_in_transaction_session_timeout/g)
    ).toHaveLength(3)
    const serving = await command(["serve"], { ...env, DATABASE_POOLER: "transaction", PORT: "0" })
    expect([serving.code, serving.stdout]).toEqual([1, ""])
    expect(serving.stderr).toContain(statements)

    await sql(statements.replace(/;$/, ""))
    // The pooler has connections that were made before.
    await sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    expect(await command(["doctor"], { ...env, DATABASE_POOLER: "transaction" })).toMatchObject({
      code: 0,
      stderr: ""
    })
  })

  test("serves many at once over few connections, and nobody waits for a lock without end", async () => {
    const { env, run, sql } = await pooled()
    await sql(
      ["lock_timeout = '300ms'", "statement_timeout = '60s'", "idle_in_transaction_session_timeout = '60s'"]
        .map(
          (limit) =>
            `ALTER ROLE postgres IN DATABASE "${new URL(env.DATABASE_URL).pathname.slice(1)}" SET ${limit}`
        )
        .join(";")
    )
    const { url } = await serve({ ...env, DATABASE_POOLER: "transaction", DATABASE_POOL: "20" })
    const token = await logIn(url, admin.ADMIN_EMAIL, admin.ADMIN_PASSWORD)
    const productId = await stockUp(url, token)
    const orders = await Promise.all(Array.from({ length: 20 }, () => buy(url, token, productId)))
    expect(new Set(orders.filter((id) => id !== "")).size).toBe(10)
    const paid = await Promise.all(
      orders
        .filter((id) => id !== "")
        .map((id) => post(`${url}/orders/${id}/payments`, { paymentMethod: "sim_approve" }, token))
    )
    expect(paid.map(({ body }) => body.orderStatus)).toEqual(Array(10).fill("PAID"))

    const other = await stockUp(url, token)
    const refused = await run(
      Effect.gen(function* () {
        const { giveUp } = yield* holding(`SELECT 1 FROM commerce.products WHERE id = '${other}' FOR UPDATE`)
        const begun = Date.now()
        const items = [{ productId: other, quantity: 1 }]
        const answer = yield* Effect.promise(() => post(`${url}/orders`, { items }, token))
        const took = Date.now() - begun
        yield* giveUp
        return { status: answer.status, took }
      }).pipe(Effect.scoped)
    )
    expect(refused.status).toBe(503)
    expect(refused.took).toBeLessThan(5000)
    expect(await buy(url, token, other)).not.toBe("")
    expect(await command(["verify"], { ...env, DATABASE_POOLER: "transaction" })).toMatchObject({ code: 0 })
  })
})
