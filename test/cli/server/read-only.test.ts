import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { beforeAll, describe, expect, test } from "vitest"
import { layerClient } from "../../../src/adapters/postgres/index.ts"
import { lasting } from "../../support/lasting.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { command, leaveNothingRunning, serve } from "../support/Cli.ts"
import { get, post } from "../support/Http.ts"

const JWT_SECRET = "0123456789abcdef0123456789abcdef"

const run = (url: Redacted.Redacted, statement: string) =>
  Effect.runPromise(
    Effect.provide(
      SqlClient.SqlClient.use((sql) => sql.unsafe(statement).unprepared),
      layerClient({ url, pool: 1 })
    )
  )

describe("A database that accepts no writes, as a standby", () => {
  leaveNothingRunning()
  let DATABASE_URL: string
  beforeAll(async () => {
    const url = await lasting(freshDatabase)
    DATABASE_URL = Redacted.value(url)
    const name = new URL(DATABASE_URL).pathname.slice(1)
    await run(url, `ALTER DATABASE "${name}" SET default_transaction_read_only = on`)
  })
  const env = () => ({ DATABASE_URL, JWT_SECRET })

  test("can be served, and the server is not ready", async () => {
    const { url } = await serve(env())
    expect((await get(`${url}/health/ready`)).status).toBe(503)
    expect((await get(`${url}/health/live`)).status).toBe(200)
  })

  test("can be served with --read-only: reads are answered, and a change has certainly not been applied", async () => {
    const { url } = await serve(env(), { flags: ["--read-only"] })
    expect((await get(`${url}/health/ready`)).status).toBe(200)
    expect((await get(`${url}/products`)).status).toBe(200)
    const body = { email: "ada@example.com", password: "a long password" }
    const answer = await post(`${url}/auth/register`, body)
    expect([answer.status, answer.body]).toMatchObject([503, { outcome: "notApplied" }])
  })
})

test("The command restored says which epoch began and how many sessions ended", async () => {
  const DATABASE_URL = Redacted.value(await lasting(freshDatabase))
  const { code, stdout, stderr } = await command(["restored"], { DATABASE_URL })
  expect([code, stdout, stderr]).toEqual([0, "Began epoch 2 of the feed, and ended 0 sessions\n", ""])
  expect(await command(["verify"], { DATABASE_URL })).toMatchObject({ code: 0 })
})
