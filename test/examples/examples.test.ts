import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { openShop } from "../../examples/typed-client/server.ts"
import { laws } from "../../src/testing/index.ts"
import { emptyDatabase } from "../support/postgres.ts"
import { typeErrors } from "../support/types.ts"
import { example, run, testsOf } from "./support.ts"

const lines = (...all: ReadonlyArray<string>) => `${all.join("\n")}\n`

describe("the example", { timeout: 300_000 }, () => {
  const gifts = lines(
    "placed for 2400 EUR, with a note",
    "the note was too long: no order either",
    "only 3 are left: no note either",
    "orders: 1, notes: 1, tulips left: 3"
  )

  it("effect-host keeps its own rows and its orders together", async () => {
    assert.strictEqual(await example("effect-host/main.ts"), gifts)
  })

  it.live("effect-host does so on a PostgreSQL server too", () =>
    Effect.gen(function* () {
      const env = { DATABASE_URL: Redacted.value(yield* emptyDatabase) }
      for (let start = 0; start < 2; start++) {
        assert.strictEqual(yield* Effect.promise(() => example("effect-host/main.ts", env)), gifts)
      }
    })
  )

  it("hono-host sells to its own users", async () => {
    assert.strictEqual(
      await example("hono-host/main.ts"),
      lines(
        "on the shelf: T-shirt",
        "Ada: 201 PAID, 4000 EUR",
        "Bob: 409 Insufficient stock of T-shirts: requested 2, available 1",
        "Ada's order for Bob: 404, for a stranger: 401"
      )
    )
  })

  const selling = lines(
    "boss: 201, 201; ada may not: 403",
    "ada: 201 PAID, 2400 EUR",
    "her customer id is her user id: true",
    "ada, boss, bob, nobody: 200,200,404,401",
    "after signing out: 401; /auth: 404"
  )

  it("better-auth-host sells to the users of better-auth", async () => {
    assert.strictEqual(await example("better-auth-host/main.ts"), selling)
  })

  it.live("better-auth-host does so in one PostgreSQL database too", () =>
    Effect.gen(function* () {
      const env = { DATABASE_URL: Redacted.value(yield* emptyDatabase) }
      assert.strictEqual(yield* Effect.promise(() => example("better-auth-host/main.ts", env)), selling)
    })
  )

  it("own-gateway settles what its bank left open", async () => {
    assert.strictEqual(
      await example("own-gateway/main.ts"),
      lines(
        "paid: APPROVED PAID, PENDING CREATED, DECLINED FAILED, PENDING CREATED",
        "recovered: APPROVED PAID, APPROVED PAID, DECLINED FAILED, DECLINED FAILED",
        "charged: APPROVED, APPROVED, DECLINED, DECLINED; atlases left: 2"
      )
    )
  })

  it("own-adapter obeys every law, with Node's test runner", async () => {
    assert.strictEqual(await testsOf("own-adapter"), laws.length)
  })

  it("test-your-shop tests its own rule and every law, with Node's test runner", async () => {
    assert.strictEqual(await testsOf("test-your-shop"), laws.length + 1)
  })

  it("tariff has the receipts that were computed by hand", async () => {
    assert.strictEqual(await testsOf("tariff"), 2)
  })

  it("warehouse loses no order and does nothing twice, however often it is killed", async () => {
    assert.strictEqual(await testsOf("warehouse"), 1)
  })

  it("stripe-host holds, captures, refunds and is disputed", async () => {
    assert.strictEqual(
      await example("stripe-host/main.ts"),
      lines(
        "AUTHORIZED: CREATED, charged 0, refunded 0",
        "captured without one of two: PAID, charged 2500, refunded 0",
        "refunded: PAID, charged 2500, refunded 500",
        "the refund came back: PAID, charged 2500, refunded 0",
        "PENDING, the customer goes to bank.example: CREATED, charged 0, refunded 0",
        "AUTHORIZED: CREATED, charged 0, refunded 0",
        "captured: PAID, charged 2500, refunded 0",
        "DECLINED: CREATED, charged 0, refunded 0",
        "AUTHORIZED, though the answer was lost: CREATED, charged 0, refunded 0",
        "disputed: PAID, charged 2500, refunded 0",
        "the books are right: true"
      )
    )
  })

  it("typed-client stays logged in", async () => {
    assert.strictEqual(
      await example("typed-client/main.ts"),
      lines(
        "found: Mug, 900 EUR",
        "placed: 900 EUR",
        "seen 5 times at once, with 1 new token",
        "refused: 1 asked for, 0 left"
      )
    )
  })

  it.live("fetch-client buys a mug with types that are made of the description of the API", () =>
    Effect.gen(function* () {
      const { url } = yield* openShop
      const printed = yield* Effect.promise(async () => {
        const types = "examples/fetch-client/api.d.ts"
        await run("node_modules/.bin/openapi-typescript", [`${url}/openapi.json`, "-o", types])
        assert.strictEqual(typeErrors("examples/fetch-client/tsconfig.json"), "")
        return run(process.execPath, ["examples/fetch-client/main.ts"], { SHOP_URL: url })
      })
      assert.strictEqual(
        printed,
        lines(
          "found: Mug, 900 EUR",
          "placed: 900 EUR, CREATED",
          "paid: APPROVED, the order is PAID",
          "refused: 1 asked for, 0 left"
        )
      )
    })
  )
})
