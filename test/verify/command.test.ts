import { expect, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { invariants } from "../../src/domain/operations/Invariants.ts"
import { command, commandProcess } from "../cli/support/Cli.ts"
import { allRows } from "../support/host.ts"
import { emptyDatabase, freshDatabase } from "../support/postgres.ts"
import { OpenShop, openShop } from "./shop.ts"

class Url extends Context.Service<Url, Redacted.Redacted>()("test/verify/Url") {}

const shop = Layer.unwrap(
  Effect.map(freshDatabase, (url) => Layer.merge(openShop(layerClient({ url })), Layer.succeed(Url, url)))
)

/** `effect-commerce verify`, inside this process if not said otherwise. */
const run = (url: Redacted.Redacted, environment: Record<string, string> = {}, start = command) =>
  Effect.promise(() =>
    start(["verify"], { DATABASE_URL: Redacted.value(url), JWT_SECRET: "x".repeat(32), ...environment })
  )

const progress = Object.entries(invariants).map(([name, text]) => `checking ${name}: ${text}\n`)

layer(shop, { excludeTestServices: true, timeout: "5 minutes" })("effect-commerce verify", (it) => {
  it.effect("ends with 0 if every invariant holds, and says on stderr what it checks", () =>
    Effect.gen(function* () {
      expect(yield* run(yield* Url, {}, commandProcess)).toEqual({
        code: 0,
        stdout: "Every invariant holds\n",
        stderr: progress.join("")
      })
    })
  )

  it.effect("ends with 1 and prints each violation with its id on stdout", () =>
    Effect.gen(function* () {
      const { green, created, unsold } = yield* OpenShop
      const sql = yield* SqlClient.SqlClient
      const spoil = (difference: number) =>
        Effect.all([
          sql`UPDATE commerce.products SET stock = stock + ${difference}::int8
            WHERE id IN (${green.id}, ${unsold.id})`,
          sql`UPDATE commerce.orders SET version = version + ${difference}::int4 WHERE id = ${created.id}`
        ])
      yield* spoil(1)
      const { code, stdout, stderr } = yield* run(yield* Url, {}, commandProcess)
      yield* spoil(-1)

      expect(code).toBe(1)
      expect(stdout.split("\n").map((line) => line.split(":")[0])).toEqual([
        `stock ${green.id}`,
        `stock ${unsold.id}`,
        `history ${created.id}`,
        ""
      ])
      expect(stderr).toBe(`${progress.join("")}effect-commerce: 3 violations\n`)
    })
  )

  it.effect("counts one violation as one", () =>
    Effect.gen(function* () {
      const { created } = yield* OpenShop
      const sql = yield* SqlClient.SqlClient
      const spoil = (difference: number) =>
        sql`UPDATE commerce.orders SET version = version + ${difference}::int4 WHERE id = ${created.id}`
      yield* spoil(1)
      const { code, stderr } = yield* run(yield* Url)
      yield* spoil(-1)
      expect({ code, said: stderr.split("\n").at(-2) }).toEqual({
        code: 1,
        said: "effect-commerce: 1 violation"
      })
    })
  )

  it.effect("changes nothing, not even what a server's maintenance would [V4]", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`UPDATE commerce.payments SET created_at = created_at - interval '1 hour'`
      yield* sql`UPDATE commerce.orders SET created_at = created_at - interval '1 hour'`
      yield* sql`UPDATE commerce.idempotency_keys SET created_at = created_at - interval '30 days'`
      const before = yield* allRows
      expect((yield* run(yield* Url, { UNPAID_ORDER_TTL: "1 minute" })).code).toBe(0)
      expect(yield* allRows).toEqual(before)
    })
  )

  it.effect("ends with 1 where there are no tables", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* run(yield* emptyDatabase)
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    })
  )
})
