import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { layer as memory } from "../../src/adapters/memory/index.ts"
import { settledWithin } from "../../src/promise/HostTimers.ts"
import { InFlightCalls } from "../../src/promise/InFlightCalls.ts"
import { promised } from "../../src/promise/Promised.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { CommerceClosed } from "../../src/services/CommerceError.ts"
import { Orders } from "../../src/services/Orders.ts"
import { Payments } from "../../src/services/Payments.ts"
import { commerceServices } from "../support/commerce.ts"
import { newProduct, orderOf } from "../support/host.ts"

const shop = Layer.provideMerge(commerceServices, memory)

/** Runs work with promises of the services on memory. */
const withPromises = (
  work: (shop: {
    readonly productId: string
    readonly orders: ReturnType<typeof promised<Orders["Service"]>>
    readonly catalog: ReturnType<typeof promised<Catalog["Service"]>>
    readonly payments: ReturnType<typeof promised<Payments["Service"]>>
  }) => Promise<void>
) =>
  Effect.gen(function* () {
    const { id: productId } = yield* newProduct(500)
    const calls = new InFlightCalls(Context.empty())
    const services = {
      productId,
      orders: promised(yield* Orders, calls),
      catalog: promised(yield* Catalog, calls),
      payments: promised(yield* Payments, calls)
    }
    yield* Effect.promise(() => work(services))
  }).pipe(Effect.provide(shop))

const reasonOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => assert.fail("it has not rejected"),
    (reason) => reason
  )

describe("the promises of a service", () => {
  it.effect("take the signal out of the options, which the service then reads", () =>
    withPromises(async ({ orders, payments, productId }) => {
      const { signal } = new AbortController()
      const options = { actor: "Ada", idempotencyKey: "key", signal }
      const order = orderOf(productId)
      const placed = await orders.place(order, options)
      assert.deepStrictEqual(await orders.place(order, { ...options, signal: undefined }), placed)
      assert.deepStrictEqual(options, { actor: "Ada", idempotencyKey: "key", signal })
      await payments.pay({ orderId: placed.id, paymentMethod: "sim_approve" }, { signal })
      await orders.ship(placed.id, { signal })
      assert.deepStrictEqual(
        (await orders.history(placed.id, { signal })).map(({ actor }) => actor),
        ["Ada", "system", "system"]
      )
      assert.lengthOf((await orders.list({ customerId: placed.customerId }, { signal })).items, 1)
      assert.deepStrictEqual(await payments.recover({ signal }), [])
    })
  )

  it.effect("reject with the reason of the signal of a change, of a read and of an effect", () =>
    withPromises(async ({ orders, payments, productId }) => {
      const reason = new Error("the customer has left")
      const signal = AbortSignal.abort(reason)
      assert.strictEqual(await reasonOf(orders.place(orderOf(productId), { actor: "Ada", signal })), reason)
      assert.strictEqual(await reasonOf(orders.list(undefined, { signal })), reason)
      assert.strictEqual(await reasonOf(payments.recover({ signal })), reason)
      assert.lengthOf((await orders.list()).items, 0)
    })
  )

  it.effect("refuse a signal that is none, or that is where the input belongs", () =>
    withPromises(async ({ orders, productId }) => {
      const { signal } = new AbortController()
      const fault = { errors: [{ path: "/signal", message: "Unknown key" }] }
      const place = orders.place(orderOf(productId), { signal: "stop" } as never)
      assert.deepInclude(await reasonOf(place), fault)
      assert.deepInclude(await reasonOf(orders.list({ signal } as never)), fault)
    })
  )

  it.effect("iterate over all orders, and stop when the caller does", () =>
    withPromises(async ({ orders, catalog, productId }) => {
      const placed = new Set<string>()
      for (let n = 0; n < 150; n++) placed.add((await orders.place(orderOf(productId))).id)
      const read = new Set<string>()
      for await (const { id } of orders.listAll()) read.add(id)
      assert.deepStrictEqual(read, placed)
      for await (const { id } of orders.listAll({ status: "CREATED" })) {
        read.delete(id)
        if (read.size === 140) break
      }
      assert.strictEqual(read.size, 140)
      for await (const { id } of catalog.allProducts({ q: "mug" })) assert.strictEqual(id, productId)
    })
  )
})

describe("calls that never end", () => {
  it("are ended when a commerce has waited for them long enough", async () => {
    const calls = new InFlightCalls(Context.empty())
    const endless = calls.run(Effect.never).catch((error: unknown) => error)
    const closed = calls.close()
    assert.isFalse(await settledWithin(closed, 20))
    calls.interrupt()
    assert.instanceOf(await endless, CommerceClosed)
    assert.isTrue(await settledWithin(closed, 10_000))
  })
})
