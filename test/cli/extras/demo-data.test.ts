import { expect, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { beforeAll, describe, test } from "vitest"
import { defaultLimits } from "../../../src/adapters/postgres/execution/Limits.ts"
import * as Postgres from "../../../src/adapters/postgres/index.ts"
import * as SimulatedPayments from "../../../src/adapters/simulated-payments.ts"
import { sell, stock } from "../../../src/cli/extras/demo/Fill.ts"
import { plan } from "../../../src/cli/extras/demo/Plan.ts"
import { Analytics } from "../../../src/services/Analytics.ts"
import { Catalog } from "../../../src/services/Catalog.ts"
import { Orders } from "../../../src/services/Orders.ts"
import { Payments } from "../../../src/services/Payments.ts"
import { Verification } from "../../../src/services/Verification.ts"
import { patient } from "../../race/support.ts"
import { emptyDataDirectory } from "../../support/dataDirectory.ts"
import { engines } from "../../support/engines.ts"
import { lasting } from "../../support/lasting.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { command, commandProcess, killedAfter } from "../support/Cli.ts"

const end = Date.UTC(2026, 10, 23)
const year = plan({ products: 30, orders: 200, seed: 5, end })

const count = (matches: (order: (typeof year.orders)[number]) => boolean) =>
  year.orders.filter(matches).length
const isThere = (time: number | undefined) => time !== undefined

for (const { name, client } of engines) {
  const shop = Layer.mergeAll(
    Catalog.layer,
    Orders.layer,
    Payments.layer(),
    Analytics.layer,
    Verification.layer
  ).pipe(
    Layer.provide([Postgres.layer(), SimulatedPayments.layer()]),
    Layer.provide(client),
    Layer.provide(Layer.succeed(Postgres.Limits, { ...defaultLimits, ...patient }))
  )

  layer(shop, { excludeTestServices: true, timeout: "5 minutes" })(`A shop on ${name}`, (it) => {
    it.effect("is filled as planned, every step at its time, and every invariant holds", () =>
      Effect.gen(function* () {
        let done = 0
        const counted = Effect.sync(() => {
          done += 1
        })
        const products = yield* stock(year, new Map(), counted)
        yield* sell(year, products, counted)
        expect(done).toBe(230)

        const analytics = yield* Analytics
        const { orders, ordersByStatus } = yield* analytics.summary({ to: new Date(end) })
        expect(orders).toBe(200)
        expect(ordersByStatus).toEqual({
          CREATED: count(({ paid, declined, expired }) => !isThere(paid ?? declined ?? expired)),
          PAID: count(({ paid, shipped }) => isThere(paid) && !isThere(shipped)),
          SHIPPED: count(({ shipped, completed }) => isThere(shipped) && !isThere(completed)),
          COMPLETED: count(({ completed }) => isThere(completed)),
          FAILED: count(({ declined, expired }) => isThere(declined ?? expired))
        })

        const store = yield* Orders
        const newest = yield* store.list({ limit: 100 })
        expect(newest.items.map(({ createdAt }) => createdAt.getTime())).toEqual(
          year.orders
            .slice(-100)
            .map(({ placed }) => placed)
            .reverse()
        )
        for (const [n, { id }] of newest.items.entries()) {
          const { placed, paid, declined, expired, shipped, completed } = year.orders[199 - n] ?? {
            placed: 0
          }
          const times = [placed, paid ?? declined ?? expired, shipped, completed].filter(isThere)
          expect((yield* store.history(id)).map(({ at }) => at.getTime())).toEqual(times)
        }
        expect(yield* Verification.use(({ verify }) => verify())).toEqual({ ok: true, violations: [] })
      })
    )
  })
}

describe("effect-commerce demo-data and stats", () => {
  let DATABASE_URL: string
  beforeAll(async () => {
    DATABASE_URL = Redacted.value(await lasting(freshDatabase))
  })
  const run = (...args: ReadonlyArray<string>) => command(args, { DATABASE_URL })
  const demoData = (...args: ReadonlyArray<string>) => run("demo-data", "--products", "20", ...args)
  const refused = (line: RegExp) => ({ code: 1, stdout: "", stderr: expect.stringMatching(line) })

  test("fill a database, say how far they have come, and show what was sold", async () => {
    const first = await demoData("--orders", "100", "--seed", "3")
    expect(first).toMatchObject({ code: 0 })
    expect(first.stdout).toMatch(
      /^Made 20 products, and 100 orders of the past year in [\d.]+ s: [\d,]+ orders\/s\n$/
    )
    expect(first.stderr.split("\n").slice(-3)).toEqual(["orders: 90 of 100", "orders: 100 of 100", ""])
    expect(await run("verify")).toMatchObject({ code: 0, stdout: "Every invariant holds\n" })

    expect(await demoData("--orders", "5")).toEqual(
      refused(/^effect-commerce: --add: [^\n]* npm run demo-data -- --add\n$/)
    )
    const again = await demoData("--orders", "100", "--seed", "3")
    expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^Made 0 products, and 0 orders /)])
    expect(again.stderr).toMatch(/^An earlier run has begun this seed/)
    expect(await demoData("--orders", "5", "--add", "--seed", "4")).toMatchObject({ code: 0 })

    const months = ["stats", "--interval", "month", "--limit", "3"]
    const { code, stdout, stderr } = await commandProcess(months, { DATABASE_URL })
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(/^Orders {6}105: /m)
    expect(stdout.match(/^\d{4}-\d{2} /gm)).toHaveLength(12)
    expect(stdout.split("in this time\n")[1]?.trimEnd().split("\n")).toHaveLength(3)
    const weeks = await run("stats", "--interval", "week", "--time-zone", "Asia/Kathmandu")
    const mondays = weeks.stdout.match(/^\d{4}-\d{2}-\d{2}/gm) ?? []
    expect(mondays).toHaveLength(12)
    expect(mondays.every((date) => new Date(date).getUTCDay() === 1)).toBe(true)
    expect((await run("stats")).stdout.match(/^\d{4}-\d{2}-\d{2} /gm)).toHaveLength(30)
  })

  test.each(["PostgreSQL", "the embedded database"] as const)(
    "continue what was killed on %s: every order is there once, in its last planned status",
    async (engine) => {
      const url = Redacted.value(await lasting(freshDatabase))
      const data = await lasting(emptyDataDirectory)
      const env = engine === "PostgreSQL" ? { DATABASE_URL: url } : { DATA_DIR: data }
      const args = ["demo-data", "--products", "40", "--orders", "600", "--seed", "9"]
      for (const stop of [/products: 20 of/, /orders: 120 of/]) {
        expect((await killedAfter(stop, args, env)).code).toBe(null)
      }
      const last = await commandProcess(args, env)
      expect(last.code, last.stderr).toBe(0)
      const again = await commandProcess(args, env)
      expect(again.stdout).toMatch(/^Made 0 products, and 0 orders /)
      expect(await commandProcess(["verify"], env)).toMatchObject({ code: 0 })
      const { stdout } = await commandProcess(["stats", "--interval", "month"], env)
      const year = plan({ products: 40, orders: 600, seed: 9, end: Date.now() - (Date.now() % 86_400_000) })
      const completed = year.orders.filter((order) => isThere(order.completed)).length
      expect(stdout).toMatch(new RegExp(`^Orders +600: .*COMPLETED ${completed},`, "m"))
    }
  )

  test("names the setting of the database that it cannot use", async () => {
    const line = await command(["demo-data"], { DATA_DIR: "memory" })
    expect(line.stderr).toMatch(/^effect-commerce: DATA_DIR: /)
  })

  test("say what a flag is if it is absent", async () => {
    const [filling, showing] = await Promise.all([run("demo-data", "--help"), run("stats", "--help")])
    expect(filling.stdout).toMatch(/--products integer .*; 1,000 if absent$/m)
    expect(filling.stdout).toMatch(/--orders integer .*; 10,000 if absent$/m)
    expect(showing.stdout).toMatch(/--limit integer .*; 10 if absent$/m)
  })

  test("refuse what makes no sense, and need tables to show anything", async () => {
    for (const args of [
      ["stats", "--time-zone", "Mars/Olympus"],
      ["stats", "--interval", "year"],
      ["stats", "--limit", "0"],
      ["stats", "--limit", "1e1"],
      ["stats", "--limit", "+5"],
      ["stats", "--limit", "05"],
      ["demo-data", "--orders", "0"],
      ["demo-data", "--products", "many"]
    ]) {
      expect(await run(...args)).toMatchObject({ code: 1 })
    }
    expect(await command(["stats"], { DATABASE_URL, DATABASE_SCHEMA: "nowhere" })).toEqual(
      refused(/^effect-commerce: DATABASE_SCHEMA: [^\n]*\n$/)
    )
  })
})
