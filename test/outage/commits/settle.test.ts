import { assert, describe } from "@effect/vitest"
import { Effect, Redacted, Result } from "effect"
import { layerClient } from "../../../src/adapters/postgres/index.ts"
import { StoreUnavailable } from "../../../src/ports/errors.ts"
import { buy, newCustomer, openShop, product, race, type TestShop, unitsOf } from "../../race/support.ts"
import { isInstalled, throughPgBouncer } from "../../support/PgBouncer.ts"
import { type Fate, proxyTo } from "../Proxy.ts"
import { outageOf } from "../support.ts"

const fates: ReadonlyArray<Fate> = ["answer is lost", "is lost", "is followed by silence", "is frozen"]

/** What is asked for across the network, and how often it has taken effect. */
interface Case {
  readonly work: Effect.Effect<unknown, unknown>
  readonly effects: Effect.Effect<number, unknown>
}

const count = ({ sql }: TestShop, rows: string) =>
  Effect.map(
    sql.unsafe<{ n: number }>(`SELECT count(*)::int AS n FROM commerce.${rows}`),
    ([row]) => row?.n ?? 0
  )

const cases: Record<string, (shop: TestShop, far: TestShop) => Effect.Effect<Case, unknown>> = {
  "an order": Effect.fnUntraced(function* (shop, far) {
    const item = yield* product(shop, 10)
    return { work: buy(far, item), effects: Effect.map(unitsOf(shop, item), (units) => 10 - units) }
  }),
  "an order with a key": Effect.fnUntraced(function* (shop, far) {
    const item = yield* product(shop, 10)
    const items = [{ productId: item.id, quantity: 1 }]
    return {
      work: far.orders.place({ customerId: newCustomer(), items }, { idempotencyKey: "key" }),
      effects: Effect.map(unitsOf(shop, item), (units) => 10 - units)
    }
  }),
  "a shipment": Effect.fnUntraced(function* (shop, far) {
    const { id: orderId } = yield* buy(shop, yield* product(shop, 10))
    yield* shop.payments.pay({ orderId, paymentMethod: "sim_approve" })
    return { work: far.orders.ship(orderId), effects: count(shop, "orders WHERE status = 'SHIPPED'") }
  }),
  "an expired order": Effect.fnUntraced(function* (shop, far) {
    const { id: orderId } = yield* buy(shop, yield* product(shop, 10))
    return { work: far.orders.expire(orderId), effects: count(shop, "orders WHERE status = 'FAILED'") }
  }),
  "an adjustment": Effect.fnUntraced(function* (shop, far) {
    const item = yield* product(shop, 10)
    return {
      work: far.catalog.adjustStock({ productId: item.id, delta: 1 }),
      effects: Effect.map(unitsOf(shop, item), (units) => units - 10)
    }
  }),
  "an adjustment with a key": Effect.fnUntraced(function* (shop, far) {
    const item = yield* product(shop, 10)
    return {
      work: far.catalog.adjustStock({ productId: item.id, delta: 1 }, { idempotencyKey: "key" }),
      effects: Effect.map(unitsOf(shop, item), (units) => units - 10)
    }
  }),
  "an account": (shop, far) =>
    Effect.succeed({
      work: far.accounts.register({ email: "ada@example.com", password: "correct horse" }),
      effects: count(shop, "accounts")
    }),
  "a session": Effect.fnUntraced(function* (shop, far) {
    const account = { email: "ada@example.com", password: "correct horse" }
    yield* shop.accounts.register(account)
    return { work: far.accounts.login(account), effects: count(shop, "sessions") }
  }),
  "a refreshed session": Effect.fnUntraced(function* (shop, far) {
    const account = { email: "ada@example.com", password: "correct horse" }
    yield* shop.accounts.register(account)
    const { refreshToken } = yield* shop.accounts.login(account)
    return {
      work: far.accounts.refresh(refreshToken),
      effects: count(shop, "refresh_tokens WHERE used_at IS NOT NULL")
    }
  })
}

/** Short enough to be met by a test, long enough for a busy machine to settle a commit. */
const limits = {
  commitTimeout: 400,
  deadlineCheckInterval: 100,
  settleTimeout: 20_000,
  acquireTimeout: 20_000
}

/** Whoever is told that it was done, or that it was not, is told the truth. */
const isTrue = Effect.fnUntraced(function* ({ work, effects }: Case) {
  const result = yield* Effect.result(work)
  const done = yield* effects
  if (Result.isSuccess(result)) return assert.strictEqual(done, 1, "done once")
  const { failure } = result
  if (!(failure instanceof StoreUnavailable)) return assert.fail(`another failure: ${failure}`)
  assert.strictEqual(failure.outcome, "notApplied")
  assert.strictEqual(done, 0, "not done")
  yield* work
  assert.strictEqual(yield* effects, 1, "done once when it is repeated")
})

/** The connections are open before anything is lost, so that the next COMMIT is the one of the work. */
const across = Effect.fnUntraced(function* (url: Redacted.Redacted, pooler?: "transaction") {
  const proxy = yield* proxyTo(url)
  const far = yield* openShop(proxy.url, { limits, client: layerClient({ url: proxy.url, pooler }) })
  yield* far.health.check
  return { proxy, far }
})

describe("a COMMIT without an answer is settled with the server [F3]", { concurrent: true }, () => {
  for (const [what, prepare] of Object.entries(cases)) {
    for (const fate of fates) {
      race(`${what}: the COMMIT ${fate}`, (shop) =>
        Effect.gen(function* () {
          const { proxy, far } = yield* across(shop.url)
          const asked = yield* prepare(shop, far)
          proxy.fates(fate)
          yield* isTrue(asked)
          assert.isAbove(proxy.commits(), 0)
        })
      )
    }
  }

  for (const commit of [1, 2]) {
    for (const fate of fates) {
      race(`a payment: COMMIT ${commit} of 2 ${fate}`, (shop) =>
        Effect.gen(function* () {
          const { proxy, far } = yield* across(shop.url)
          const { id: orderId } = yield* buy(shop, yield* product(shop, 10))
          const arrive = Array.from({ length: commit - 1 }, () => "arrives" as const)
          proxy.fates(...arrive, fate)
          const result = yield* Effect.result(far.payments.pay({ orderId, paymentMethod: "sim_approve" }))
          const stored = yield* shop.payments.list(orderId)
          if (Result.isSuccess(result)) {
            assert.deepStrictEqual(stored, [result.success])
            assert.strictEqual(result.success.status, "APPROVED")
          } else {
            const { failure } = result
            assert.instanceOf(failure, StoreUnavailable)
            // Once the gateway was asked it may have charged, whatever the store says.
            const told = stored.length === 0 ? "notApplied" : "unknown"
            assert.strictEqual((failure as StoreUnavailable).outcome, told)
          }
        })
      )
    }
  }

  for (const fate of fates) {
    race(`an adjustment through PgBouncer: the COMMIT ${fate}`, (shop) =>
      Effect.gen(function* () {
        if (!isInstalled) return
        const { proxy, far } = yield* across(yield* throughPgBouncer(shop.url), "transaction")
        const asked = yield* (cases["an adjustment"] ?? assert.fail())(shop, far)
        proxy.fates(fate)
        yield* isTrue(asked)
      })
    )
  }
})

describe("a role that may not end backends", { concurrent: true }, () => {
  const powerless = (shop: TestShop) =>
    shop.sql.unsafe("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_terminate_backend FROM PUBLIC")

  /** A role that is not a superuser, on the database of a shop. */
  const asRole = Effect.fnUntraced(function* (shop: TestShop) {
    const role = `plain_${crypto.randomUUID().replaceAll("-", "")}`
    yield* shop.sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'plain'`)
    yield* Effect.addFinalizer(() =>
      Effect.orDie(
        Effect.andThen(shop.sql.unsafe(`DROP OWNED BY ${role}`), shop.sql.unsafe(`DROP ROLE ${role}`))
      )
    )
    yield* shop.sql.unsafe(`GRANT ALL ON SCHEMA commerce TO ${role}`)
    yield* shop.sql.unsafe(`GRANT ALL ON ALL TABLES IN SCHEMA commerce TO ${role}`)
    return Redacted.make(
      Object.assign(new URL(Redacted.value(shop.url)), { username: role, password: "plain" }).href
    )
  })

  race("learns that the outcome is unknown while the COMMIT may still arrive", (shop) =>
    Effect.gen(function* () {
      yield* powerless(shop)
      const item = yield* product(shop, 10)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const proxy = yield* proxyTo(yield* asRole(shop))
          const far = yield* openShop(proxy.url, { limits: { ...limits, settleTimeout: 500 } })
          yield* far.health.check
          proxy.fates("is frozen")
          const failure = yield* outageOf(far.catalog.adjustStock({ productId: item.id, delta: 1 }))
          assert.strictEqual(failure.outcome, "unknown")
        })
      )
    })
  )

  race(
    "learns that the outcome is unknown if what settles a commit may not be called, and nothing runs twice",
    (shop) =>
      Effect.gen(function* () {
        yield* shop.sql.unsafe(`DO $$ DECLARE name regprocedure; BEGIN
          FOR name IN SELECT oid::regprocedure FROM pg_proc WHERE proname = 'pg_logical_emit_message' LOOP
            EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
          END LOOP;
        END $$`)
        const item = yield* product(shop, 10)
        const orders = yield* Effect.forEach([1, 2, 3], () => buy(shop, item))
        for (const { id } of orders) {
          yield* shop.payments.pay({ orderId: id, paymentMethod: "sim_approve" })
        }
        yield* Effect.scoped(
          Effect.gen(function* () {
            const proxy = yield* proxyTo(yield* asRole(shop))
            const far = yield* openShop(proxy.url, { limits })
            yield* far.health.check
            proxy.always("answer is lost")
            const told = yield* Effect.forEach(orders, ({ id }) => outageOf(far.orders.ship(id)), {
              concurrency: "unbounded"
            })
            assert.isTrue(told.every(({ outcome }) => outcome === "unknown"))
            const adjust = far.catalog.adjustStock({ productId: item.id, delta: 1 })
            assert.strictEqual((yield* outageOf(adjust)).outcome, "unknown")
          })
        )
        assert.strictEqual(yield* unitsOf(shop, item), 8)
      })
  )

  race("waits until the server ends the transaction by its own timeout", (shop) =>
    Effect.gen(function* () {
      yield* powerless(shop)
      const item = yield* product(shop, 10)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const proxy = yield* proxyTo(yield* asRole(shop))
          const far = yield* openShop(proxy.url, { limits: { ...limits, idleTransactionTimeout: 900 } })
          yield* far.health.check
          proxy.fates("is frozen")
          const adjust = far.catalog.adjustStock({ productId: item.id, delta: 1 })
          yield* isTrue({ work: adjust, effects: Effect.map(unitsOf(shop, item), (units) => units - 10) })
        })
      )
    })
  )
})
