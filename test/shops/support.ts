/** Many shops on one PostgreSQL server, with the ports of tests. */
import { assert, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, type Scope } from "effect"
import type { SqlClient } from "effect/sql"
import * as Bcrypt from "../../src/adapters/bcrypt.ts"
import * as Jose from "../../src/adapters/jose.ts"
import * as Postgres from "../../src/adapters/postgres/index.ts"
import * as SimulatedPayments from "../../src/adapters/simulated-payments.ts"
import { ShopDirectory } from "../../src/ports/ShopDirectory.ts"
import { Accounts } from "../../src/services/Accounts.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"
import { Shops, type ShopsSettings } from "../../src/services/Shops.ts"
import { Verification } from "../../src/services/Verification.ts"
import { freshDatabase } from "../support/postgres.ts"

export const ports = Layer.mergeAll(
  Jose.layerShops({ secret: Redacted.make("a secret that only these tests know") }),
  Bcrypt.layer({ cost: 4 }),
  SimulatedPayments.layer({ faults: true })
)

export interface ManySettings extends ShopsSettings {
  readonly pool?: number
  readonly limits?: Partial<Postgres.ExecutionLimits>
}

/** Shops over a directory, without maintenance unless it is given. */
export const shopsLayer = <E>(directory: Layer.Layer<ShopDirectory, E>, settings: ShopsSettings = {}) =>
  Shops.layer({ maintenance: "off", ...settings }).pipe(Layer.provideMerge(Layer.merge(ports, directory)))

/** The shops of a fresh database on a pool of their own, and the client of that pool. */
export const openMany = Effect.fnUntraced(function* ({
  pool = 10,
  limits,
  ...settings
}: ManySettings = {}): Effect.fn.Return<
  {
    readonly url: Redacted.Redacted
    readonly shops: Shops["Service"]
    readonly directory: ShopDirectory["Service"]
    readonly context: Context.Context<SqlClient.SqlClient | ShopDirectory | Shops>
  },
  never,
  Scope.Scope
> {
  const url = yield* freshDatabase
  const client = Postgres.layerClient({ url, pool })
  const layer = Layer.provideMerge(
    Shops.layer({ maintenance: "off", ...settings }).pipe(
      Layer.provideMerge(Layer.merge(ports, Postgres.layerShops()))
    ),
    client
  )
  const context = yield* Effect.orDie(Layer.build(Layer.fresh(layer))).pipe(
    Effect.updateService(Postgres.Limits, (usual) => ({ ...usual, ...limits }))
  )
  return {
    url,
    context,
    shops: Context.get(context, Shops),
    directory: Context.get(context, ShopDirectory)
  }
})

/** Creates shops, and returns their names. */
export const created = <const Names extends ReadonlyArray<string>>(
  shops: Shops["Service"],
  ...names: Names
) => Effect.as(Effect.forEach(names, shops.migrate, { concurrency: 4 }), names)

/** A product in a category of its own. */
export const product = (stock: number) =>
  Effect.gen(function* () {
    const catalog = yield* Catalog
    const { id: categoryId } = yield* catalog.createCategory({ name: crypto.randomUUID() })
    return yield* catalog.createProduct({
      categoryId,
      name: "Mug",
      price: { amount: 1999, currency: "EUR" },
      stock
    })
  })

export const buy = (productId: string, idempotencyKey?: string) =>
  Orders.use((orders) =>
    orders.place({ customerId: "the same customer", items: [{ productId, quantity: 1 }] }, { idempotencyKey })
  )

/** Whatever customers do, with names that every shop knows too. */
export const trade = (round: number) =>
  Effect.gen(function* () {
    const { id } = yield* product(10)
    const [orders, payments, accounts] = [yield* Orders, yield* Payments, yield* Accounts]
    const order = yield* buy(id, `key-${round}`)
    assert.strictEqual((yield* buy(id, `key-${round}`)).id, order.id)
    yield* payments.pay({ orderId: order.id, paymentMethod: "sim_approve" })
    yield* orders.ship(order.id)
    yield* accounts.register({ email: `same-${round}@example.com`, password: "a password of many" })
    return order.id
  })

/** Every invariant holds in these shops. */
export const areRight = (shops: Shops["Service"], names: ReadonlyArray<string>) =>
  Effect.forEach(
    names,
    (name) =>
      Effect.map(
        shops.use(
          name,
          Verification.use(({ verify }) => verify())
        ),
        ({ violations }) => assert.deepStrictEqual(violations, [], name)
      ),
    { concurrency: 4, discard: true }
  )

/** A test with real time and a scope of its own. */
export const live = <A, E>(name: string, work: Effect.Effect<A, E, Scope.Scope>) => it.live(name, () => work)
