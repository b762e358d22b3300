import { expect, layer } from "@effect/vitest"
import { Context, Effect, Layer, Struct } from "effect"
import { SqlClient } from "effect/sql"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { type Invariant, invariants } from "../../src/domain/operations/Invariants.ts"
import { Verification } from "../../src/services/Verification.ts"
import { freshDatabase } from "../support/postgres.ts"
import { OpenShop, openShop, undone } from "./shop.ts"

/** Somebody else, on a connection of their own. */
class SomebodyElse extends Context.Service<SomebodyElse, SqlClient.SqlClient>()("test/verify/SomebodyElse") {}

const shop = Layer.unwrap(
  Effect.map(freshDatabase, (url) =>
    Layer.merge(
      openShop(layerClient({ url })),
      Layer.fresh(Layer.effect(SomebodyElse, SqlClient.SqlClient).pipe(Layer.provide(layerClient({ url }))))
    )
  )
)

/** Verifies, and does something just before one of the checks. */
const verifyWith = (before: Invariant, work: Effect.Effect<unknown, unknown>) =>
  Verification.use(({ verify }) =>
    verify({
      checking: (invariant) => (invariant === before ? Effect.asVoid(Effect.orDie(work)) : Effect.void)
    })
  )

layer(shop, { excludeTestServices: true, timeout: "5 minutes" })("verify", (it) => {
  it.effect("sees nothing of what is committed while it runs [V4]", () =>
    Effect.gen(function* () {
      const { created } = yield* OpenShop
      const sql = yield* SomebodyElse
      const version = (difference: number) =>
        sql`UPDATE commerce.orders SET version = version + ${difference}::int4 WHERE id = ${created.id}`

      expect(yield* verifyWith("history", version(1))).toEqual({ ok: true, violations: [] })

      const { violations } = yield* verifyWith("history", version(-1))
      expect(violations).toMatchObject([{ invariant: "history", id: created.id }])
      expect(yield* verifyWith("stock", Effect.void)).toEqual({ ok: true, violations: [] })
    })
  )

  it.effect("runs in a transaction that can only read, however long it takes, and never row by row", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const seen: Array<unknown> = []
      const look = Effect.map(
        sql`SELECT current_setting('transaction_read_only') AS read_only,
          current_setting('transaction_isolation') AS isolation,
          current_setting('statement_timeout') AS patience, current_setting('enable_nestloop') AS row_by_row`,
        (rows) => seen.push(...rows)
      )
      yield* verifyWith("key", look)
      expect(seen).toEqual([
        { read_only: "on", isolation: "repeatable read", patience: "0", row_by_row: "off" }
      ])
    })
  )

  it.effect("leaves no trace on the connection that it used", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* verifyWith("stock", Effect.void)
      const settings = yield* Effect.all(
        Array.from(
          { length: 10 },
          () => sql`
          SELECT current_setting('statement_timeout') AS patience, pg_sleep(0.01)::text,
            current_setting('transaction_read_only') AS read_only,
            current_setting('enable_nestloop') AS row_by_row`
        ),
        { concurrency: "unbounded" }
      )
      for (const [one] of settings) {
        expect(one).toMatchObject({ patience: "1min", read_only: "off", row_by_row: "on" })
      }
    })
  )

  it.effect("says what it checks before it does", () =>
    Effect.gen(function* () {
      const checked: Array<Invariant> = []
      yield* Verification.use(({ verify }) =>
        verify({ checking: (invariant) => Effect.sync(() => checked.push(invariant)) })
      )
      expect(checked).toEqual(Struct.keys(invariants))
    })
  )

  it.effect("lists no more violations of each invariant than it is asked for", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { verify } = yield* Verification
      const found = yield* undone(
        Effect.gen(function* () {
          yield* sql`UPDATE commerce.products SET stock = stock + 1`
          yield* sql`UPDATE commerce.orders SET version = version + 1`
          const orders = yield* sql`SELECT id FROM commerce.orders`
          return { all: yield* verify(), two: yield* verify({ most: 2 }), orders: orders.length }
        })
      )
      const listed = ({ violations }: typeof found.all) => violations.map(({ invariant }) => invariant)
      expect(listed(found.two)).toEqual(["stock", "stock", "history", "history"])
      expect(listed(found.all)).toHaveLength(3 + found.orders)
    })
  )
})
