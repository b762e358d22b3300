import { assert, describe, it, layer } from "@effect/vitest"
import { Cause, Effect, Exit, Layer } from "effect"
import { SqlClient, SqlError } from "effect/sql"
import { hostFailure } from "../../../../src/adapters/postgres/host-transaction/HostErrors.ts"
import { parserOf, toParameter } from "../../../../src/adapters/postgres/host-transaction/HostValues.ts"
import { fromPrisma, layerHost, layer as stores, within } from "../../../../src/adapters/postgres/index.ts"
import { Orders } from "../../../../src/services/Orders.ts"
import { commerceServices } from "../../../support/commerce.ts"
import { orderOf } from "../../../support/host.ts"

describe("a parameter for a host's driver", () => {
  it.each([
    [undefined, null],
    [false, false],
    [2n ** 60n, "1152921504606846976"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [[1, "NULL", 'a"\\{},'], `{"1","NULL","a\\"\\\\{},"}`],
    [[], "{}"]
  ])("is text, or a boolean: %s", (value, parameter) => {
    assert.deepStrictEqual(toParameter(value), parameter)
  })

  it("holds no null in an array, which a session with array_nulls = off would read as a word", () => {
    assert.throws(() => toParameter(["a", null]), "without null")
  })

  it("comes back as it is by its type", () => {
    assert.deepStrictEqual(parserOf(20)("9007199254740993"), 9007199254740993n)
    assert.deepStrictEqual(parserOf(3802)('{"a": [1, null]}'), { a: [1, null] })
    assert.deepStrictEqual([parserOf(16)("t"), parserOf(16)("f")], [true, false])
    assert.strictEqual(parserOf(25)("7"), "7")
  })
})

describe("a failure of a host's driver", () => {
  const error = (more: object) => Object.assign(new Error("as the driver says"), more)

  it.each([
    ["UniqueViolation", error({ code: "23505", constraint: "products_normalized_sku_key" })],
    ["UniqueViolation", error({ code: "23505", constraint_name: "products_normalized_sku_key" })],
    [
      "UniqueViolation",
      error({ cause: error({ code: "23505", constraint: "products_normalized_sku_key" }) })
    ],
    ["UnknownError", error({ code: "25P02" })],
    ["ConnectionError", error({ code: "ECONNRESET" })],
    ["ConnectionError", error({ code: "EPIPE" })],
    ["ConnectionError", error({ code: "CONNECTION_CLOSED" })],
    ["ConnectionError", new Error("Connection terminated unexpectedly")],
    ["ConnectionError", error({ cause: error({ code: "ECONNRESET" }) })],
    ["UnknownError", error({})],
    ["UnknownError", new TypeError("the connection is undefined")],
    ["UnknownError", "no error at all"]
  ])("is told apart: %s", (tag, thrown) => {
    const { reason } = hostFailure(thrown)
    assert.strictEqual(reason._tag, tag)
    if (reason._tag === "UniqueViolation")
      assert.strictEqual(reason.constraint, "products_normalized_sku_key")
  })
})

describe("a failure of Prisma", () => {
  it.each([
    [
      "UniqueViolation",
      { kind: "UniqueConstraintViolation", originalCode: "23505", constraint: { index: "a_key" } }
    ],
    [
      "UnknownError",
      { kind: "TransactionWriteConflict", originalCode: "40P01", originalMessage: "deadlock" }
    ],
    ["ConnectionError", { kind: "ConnectionClosed" }],
    ["ConnectionError", { kind: "SocketTimeout" }],
    ["UnknownError", { kind: "UnsupportedNativeDataType", type: "void" }]
  ])("is told apart by what its driver adapter says: %s, %o", async (tag, cause) => {
    const failure = Object.assign(new Error("Raw query failed"), {
      code: "P2010",
      meta: { driverAdapterError: { cause } }
    })
    const failed = fromPrisma({ $queryRawUnsafe: () => Promise.reject(failure) })("SELECT 1", [])
    const { reason } = await Promise.resolve(failed).then(() => assert.fail(), hostFailure)
    assert.strictEqual(reason._tag, tag)
    if (reason._tag === "UniqueViolation") assert.strictEqual(reason.constraint, "a_key")
  })
})

/** Answers nothing, and keeps what it was told to run; refuses what begins with a word. */
const recorder = (refused = "nothing") => {
  const told: Array<string> = []
  const executor = async (statement: string) => {
    told.push(statement)
    if (statement.startsWith(refused)) throw Object.assign(new Error("refused"), { code: "XX000" })
    return []
  }
  return { told, executor }
}

layer(layerHost)("a client on a host's connection", (it) => {
  it.effect("makes savepoints, nests them, and leaves none behind", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { told, executor } = recorder()
      const failing = Effect.exit(sql.withTransaction(Effect.andThen(sql`SELECT 2`, Effect.fail("no"))))
      yield* within(executor)(sql.withTransaction(Effect.andThen(sql`SELECT 1`, failing)))
      yield* within(executor)(failing)
      assert.deepStrictEqual(told, [
        "SAVEPOINT effect_commerce_0",
        "SELECT 1",
        "SAVEPOINT effect_commerce_1",
        "SELECT 2",
        "ROLLBACK TO SAVEPOINT effect_commerce_1",
        "RELEASE SAVEPOINT effect_commerce_1",
        "RELEASE SAVEPOINT effect_commerce_0",
        "SAVEPOINT effect_commerce_0",
        "SELECT 2",
        "ROLLBACK TO SAVEPOINT effect_commerce_0",
        "RELEASE SAVEPOINT effect_commerce_0"
      ])
    })
  )

  it.effect("never begins a transaction of its own, whatever begin it is given", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { told, executor } = recorder()
      yield* sql
        .withTransaction(sql`SELECT 1`)
        .pipe(
          Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL SERIALIZABLE"),
          within(executor)
        )
      assert.strictEqual(told[0], "SAVEPOINT effect_commerce_0")
    })
  )

  it.effect.each<readonly [string, unknown]>([
    ["the result of its driver", { rows: [], rowCount: 0 }],
    ["nothing", undefined],
    ["rows as arrays", [[1]]]
  ])("is a bug of the host if its executor returns %s", ([, answer]) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const exit = yield* Effect.exit(within(async () => answer as never)(sql`SELECT 1`))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", "must return the rows")
    })
  )

  it.effect("fails as the host's driver fails, and says so outside of any host", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const failed = yield* Effect.flip(within(recorder("SELECT").executor)(sql`SELECT 1`))
      assert.isTrue(SqlError.isSqlError(failed))
      const outside = yield* Effect.exit(sql`SELECT 1`)
      assert.include(
        Exit.isFailure(outside) ? Cause.pretty(outside.cause) : "",
        "No host connection is available"
      )
    })
  )
})

layer(Layer.provide(commerceServices, Layer.provide(stores(), layerHost)))("the services there", (it) => {
  it.effect("run one statement at a time, also for calls at once", () =>
    Effect.gen(function* () {
      const orders = yield* Orders
      let running = 0
      const executor = async (statement: string) => {
        running += 1
        assert.strictEqual(running, 1, statement)
        await new Promise((resolve) => setTimeout(resolve, 1))
        running -= 1
        return []
      }
      const place = Effect.flip(orders.place(orderOf(crypto.randomUUID())))
      const refusals = yield* within(executor)(
        Effect.all([place, place, place], { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(
        refusals.map(({ _tag }) => _tag),
        ["ProductNotFound", "ProductNotFound", "ProductNotFound"]
      )
    })
  )
})
