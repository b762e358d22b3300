/** What the tests of outages share: how an outage looks to whoever meets it. */
import { assert } from "@effect/vitest"
import { type Duration, Effect, Result } from "effect"
import { StoreUnavailable } from "../../src/ports/errors.ts"
import { newCustomer, type TestShop } from "../race/support.ts"

/** Work that must meet an outage, and what is known of it. */
export const outageOf = <A, E>(work: Effect.Effect<A, E>): Effect.Effect<StoreUnavailable> =>
  Effect.map(Effect.result(work), (result) => {
    if (Result.isSuccess(result)) return assert.fail(`no outage: ${JSON.stringify(result.success)}`)
    const { failure } = result
    if (!(failure instanceof StoreUnavailable)) return assert.fail(`another failure: ${failure}`)
    return failure
  })

/** Asks again until it works, for a while. */
export const recovers = <A, E, R>(work: Effect.Effect<A, E, R>, within: Duration.Input = "60 seconds") =>
  Effect.orDie(
    Effect.timeout(Effect.eventually(Effect.tapError(work, () => Effect.sleep("50 millis"))), within)
  )

/** Whatever a shop can be asked to do: reading, and changing with and without a key. */
export const everything = (
  { accounts, catalog, orders, payments, health }: TestShop,
  { product, order }: { readonly product: string; readonly order: string }
): Record<string, Effect.Effect<unknown, unknown>> => {
  const items = [{ productId: product, quantity: 1 }]
  const customerId = newCustomer()
  return {
    health: health.check,
    product: catalog.product(product),
    orders: orders.list(),
    feed: orders.feed(),
    place: orders.place({ customerId, items }),
    "place with a key": orders.place({ customerId, items }, { idempotencyKey: "key" }),
    pay: payments.pay({ orderId: order, paymentMethod: "sim_approve" }),
    "pay with a key": payments.pay(
      { orderId: order, paymentMethod: "sim_approve" },
      { idempotencyKey: "key" }
    ),
    recover: payments.recover,
    ship: orders.ship(order),
    expire: orders.expire(order),
    sweep: orders.expireUnpaid("1 day"),
    adjust: catalog.adjustStock({ productId: product, delta: 1 }),
    register: accounts.register({ email: `${customerId}@example.com`, password: "correct horse" }),
    login: accounts.login({ email: "nobody@example.com", password: "correct horse" })
  }
}
