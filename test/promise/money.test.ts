import { assert, describe, expectTypeOf, it } from "vitest"
import {
  NothingToRefund,
  PaymentNotAuthorized,
  RefundTooLarge
} from "../../src/domain/payments/PaymentOperation.ts"
import { invalidAt } from "../../src/domain/shared/InvalidInput.ts"
import type { PaymentOperation, Refundable } from "../../src/index.ts"
import {
  type CallOptions,
  type Commerce,
  createCommerce,
  type GatewayOperation,
  type HostGateway
} from "../../src/promise/index.ts"
import { TransactionOpen } from "../../src/services/CommerceError.ts"
import type { RefundOptions } from "../../src/services/inputs/Payments.ts"
import { hosts } from "./hosts.ts"
import { engines, newProduct, orderOf, reasonOf, useCommerce, useDatabase, useEmbedded } from "./support.ts"

const usd = (amount: number) => ({ amount, currency: "USD" })

const bought = async (commerce: Commerce, quantity: number, paymentMethod = "sim_approve") => {
  const { id: productId } = await newProduct(commerce, 10)
  const { id } = await commerce.orders.place(orderOf(productId, quantity))
  const payment = await commerce.payments.pay({ orderId: id, paymentMethod })
  return { id, productId, payment }
}

describe.each(engines)("the money of an order on $name", ({ open }) => {
  const opened = open({ payments: { gateway: "simulated", capture: "later" } })

  it("is held, captured for what is left, refunded with a cancellation, and charged back", async () => {
    const { orders, payments } = opened()
    const { id, productId, payment } = await bought(opened(), 3)
    assert.deepInclude(payment, { status: "AUTHORIZED", orderStatus: "CREATED" })
    const one = [{ productId, quantity: 1 }]
    await orders.cancel(id, { items: one })
    const options = { actor: "warehouse 7", idempotencyKey: `capture-${id}` }
    const captured = await payments.capture(id, options)
    assert.deepInclude(captured, { kind: "capture", status: "APPROVED", amount: usd(2 * 1999) })
    assert.deepStrictEqual(await payments.capture(id, options), captured)
    assert.instanceOf(await reasonOf(payments.void(id)), PaymentNotAuthorized)
    await orders.cancel(id, { items: one, refund: true, reason: "broken" })
    assert.deepInclude(await payments.refundable(id), { refunded: usd(1999), pending: usd(0), due: usd(0) })
    const goodwill = await payments.refund(id, { amount: usd(500), reason: "sorry" })
    const tooMuch = await reasonOf(payments.refund(id, { amount: usd(1500) }))
    assert.instanceOf(tooMuch, RefundTooLarge)
    assert.deepStrictEqual(tooMuch.refundable, usd(1499))
    assert.instanceOf(await reasonOf(payments.refund(id)), NothingToRefund)
    const chargeback = { orderId: id, kind: "chargeback", amount: usd(1000) } as const
    const taken = await payments.recordOperation(chargeback)
    assert.deepStrictEqual(await payments.refundable(id), {
      captured: usd(2 * 1999),
      refunded: usd(2499),
      pending: usd(0),
      chargedBack: usd(1000),
      due: usd(0),
      refundable: usd(499)
    })
    await payments.recordOutcome({ paymentId: goodwill.id, outcome: "DECLINED" })
    await payments.recordOutcome({ paymentId: taken.id, outcome: "DECLINED" })
    assert.deepInclude(await payments.refundable(id), { refunded: usd(1999), refundable: usd(1999) })
    assert.deepStrictEqual(
      (await payments.operations(id)).map(({ kind, status }) => [kind, status]),
      [
        ["capture", "APPROVED"],
        ["refund", "APPROVED"],
        ["refund", "DECLINED"],
        ["chargeback", "DECLINED"]
      ]
    )
    assert.deepStrictEqual(await opened().verify(), { ok: true, violations: [] })
  })

  // In memory all of them are made in one millisecond, by two services.
  it("has its operations in the order in which they were made", async () => {
    const { orders, payments } = opened()
    for (let order = 0; order < 20; order++) {
      const { id, productId } = await bought(opened(), 3)
      await payments.capture(id)
      await orders.cancel(id, { items: [{ productId, quantity: 1 }], refund: true, reason: "first" })
      await payments.refund(id, { amount: usd(500), reason: "second" })
      await orders.cancel(id, { items: [{ productId, quantity: 1 }], refund: true, reason: "third" })
      const reasons = (await payments.operations(id)).map(({ reason }) => reason)
      assert.deepStrictEqual(reasons, [undefined, "first", "second", "third"])
    }
  })

  it("is released, and not captured, if nothing is left to charge: the order is paid with none", async () => {
    const { catalog, orders, payments } = opened()
    const { id: productId, categoryId } = await newProduct(opened(), 10)
    const gift = await catalog.createProduct({ categoryId, name: "Gift", price: usd(0), stock: 1 })
    const items = [productId, gift.id].map((id) => ({ productId: id, quantity: 1 }))
    const { id: orderId } = await orders.place({ customerId: "ada", items })
    await payments.pay({ orderId, paymentMethod: "sim_approve" })
    await orders.cancel(orderId, { items: [{ productId, quantity: 1 }] })
    await payments.void(orderId)
    const free = await payments.pay({ orderId, paymentMethod: "none" })
    assert.deepInclude(free, { status: "APPROVED", orderStatus: "PAID", amount: usd(0) })
    assert.deepStrictEqual(await opened().verify(), { ok: true, violations: [] })
  })

  it("can always be read: chargebacks that exceed what JSON carries exactly are refused", async () => {
    const { payments } = opened()
    const { id: orderId } = await bought(opened(), 1)
    await payments.capture(orderId)
    const most = { orderId, kind: "chargeback", amount: usd(Number.MAX_SAFE_INTEGER) } as const
    await payments.recordOperation(most)
    assert.deepStrictEqual(
      await reasonOf(payments.recordOperation({ ...most, amount: usd(1) })),
      invalidAt("/amount/amount", "Expected at most 0")
    )
    assert.deepStrictEqual((await payments.refundable(orderId)).chargedBack, most.amount)
  })

  it("is released by a void, and then held again", async () => {
    const { payments } = opened()
    const { id } = await bought(opened(), 1)
    assert.deepInclude(await payments.void(id, { signal: AbortSignal.timeout(60_000) }), {
      kind: "void",
      status: "APPROVED"
    })
    const again = await payments.pay({ orderId: id, paymentMethod: "sim_approve" })
    assert.strictEqual(again.status, "AUTHORIZED")
    assert.instanceOf(await reasonOf(payments.refund(id, { amount: usd(1) })), NothingToRefund)
    assert.deepStrictEqual(await opened().verify(), { ok: true, violations: [] })
  })
})

describe("a gateway of promises that moves money", () => {
  const operations: Array<GatewayOperation> = []
  const gateway: HostGateway = {
    accepts: (method) => method.startsWith("card_"),
    charge: async ({ paymentId, capture, paymentMethod }) => {
      const reference = `pi_${paymentId}`
      if (paymentMethod === "card_3ds") {
        return { outcome: "PENDING", nextAction: { kind: "confirm", clientSecret: "secret 7" }, reference }
      }
      return { outcome: capture === "later" ? "AUTHORIZED" : "APPROVED", reference }
    },
    operate: async (operation, signal) => {
      operations.push(operation)
      const asked = operations.filter(({ operationId }) => operationId === operation.operationId).length
      if (operation.paymentMethod === "card_throws" && asked === 1) throw new Error("no connection")
      if (operation.paymentMethod === "card_hangs" && asked === 1) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))
      }
      if (operation.paymentMethod === "card_nonsense" && asked === 1) return "MAYBE" as never
      return { outcome: "APPROVED", reference: `re_${operation.operationId}` }
    }
  }
  const opened = useEmbedded({ logger: {}, payments: { timeout: 200, capture: "later", gateway } })

  it("is asked with the operation's id and its own name for the payment", async () => {
    const { id: orderId, payment } = await bought(opened(), 1, "card_good")
    const { id: operationId, reference } = await opened().payments.capture(orderId)
    assert.strictEqual(reference, `re_${operationId}`)
    assert.deepStrictEqual(operations.at(-1), {
      kind: "capture",
      operationId,
      paymentId: payment.id,
      orderId,
      amount: payment.amount,
      paymentMethod: "card_good",
      reference: `pi_${payment.id}`
    })
  })

  it("may let the customer act first, and its webhook ends the payment", async () => {
    const { payments } = opened()
    const { id, payment } = await bought(opened(), 1, "card_3ds")
    assert.deepStrictEqual(
      [payment.status, payment.nextAction],
      ["PENDING", { kind: "confirm", clientSecret: "secret 7" }]
    )
    const held = await payments.recordOutcome({ paymentId: payment.id, outcome: "AUTHORIZED" })
    assert.deepStrictEqual([held.status, held.nextAction], ["AUTHORIZED", undefined])
    assert.strictEqual((await payments.capture(id)).status, "APPROVED")
  })

  it.each(["card_throws", "card_hangs", "card_nonsense"])(
    "that gives no answer (%s) leaves the operation pending, and is asked again with the same id",
    async (paymentMethod) => {
      const { payments } = opened()
      const { id } = await bought(opened(), 1, paymentMethod)
      const capture = await payments.capture(id)
      assert.strictEqual(capture.status, "PENDING")
      await new Promise((resolve) => setTimeout(resolve, 500))
      await payments.recover()
      assert.deepStrictEqual(
        (await payments.operations(id)).map(({ id, status }) => [id, status]),
        [[capture.id, "APPROVED"]]
      )
      assert.strictEqual((await opened().orders.get(id)).status, "PAID")
    }
  )
})

describe("a gateway of promises that can only charge", () => {
  const gateway: HostGateway = { accepts: () => true, charge: async () => "APPROVED" }
  const opened = useEmbedded({ payments: { gateway } })

  it("refuses captures, voids and refunds, and their like can be recorded", async () => {
    const { payments } = opened()
    const { id: orderId } = await bought(opened(), 1, "card")
    for (const call of [payments.capture(orderId), payments.void(orderId), payments.refund(orderId)]) {
      assert.deepInclude(await reasonOf(call), { _tag: "InvalidInput" })
    }
    assert.deepStrictEqual(await payments.operations(orderId), [])
    const refund = { orderId, kind: "refund", amount: usd(1999) } as const
    assert.strictEqual((await payments.recordOperation(refund)).status, "APPROVED")
  })

  it.each([
    ["/payments/capture", { gateway, capture: "later" }],
    ["/payments/gateway", { gateway: { ...gateway, operate: "later" } as never }],
    ["/payments/afterDecline", { afterDecline: "again" as never }]
  ] as const)("cannot serve a shop that expects more of it: %s", async (path, payments) => {
    const refusal = await reasonOf(createCommerce({ database: { embedded: "memory" }, payments }))
    assert.deepNestedPropertyVal(refusal, "errors[0].path", path)
  })
})

describe("money in a transaction of a host", () => {
  const url = useDatabase()
  const opened = useCommerce(url)
  const [first] = hosts

  it("is reserved there, asked for after its commit, and forgotten with its rollback [P16]", async () => {
    if (first === undefined) throw new Error("There are no hosts")
    const host = first.open(url())
    try {
      const { id } = await bought(opened(), 1)
      const inside = (amount: number, fails: boolean) =>
        host.transaction((executor) =>
          opened().within(executor, async ({ payments }) => {
            const operation = await payments.refund(id, { amount: usd(amount) })
            assert.strictEqual(operation.status, "PENDING")
            if (fails) throw new Error("the host gives up")
          })
        )
      assert.instanceOf(await reasonOf(inside(300, true)), Error)
      assert.deepStrictEqual(await opened().payments.operations(id), [])
      await inside(500, false)
      assert.deepInclude(await opened().payments.refundable(id), { pending: usd(500), refunded: usd(0) })
      const recovering = host.transaction((executor) =>
        opened().within(executor, async ({ payments }) => {
          const reason = await reasonOf(payments.recover())
          assert.deepInclude(reason, { _tag: "TransactionOpen" })
          assert.deepInclude(await payments.refundable(id), { pending: usd(500) })
        })
      )
      await recovering
      await opened().payments.recover()
      assert.deepInclude(await opened().payments.refundable(id), { pending: usd(0), refunded: usd(500) })
      assert.deepStrictEqual(await opened().verify(), { ok: true, violations: [] })
    } finally {
      await host.end()
    }
  })

  it("is not asked for there: recover refuses before it asks the gateway", async () => {
    if (first === undefined) throw new Error("There are no hosts")
    const host = first.open(url())
    try {
      const { id } = await bought(opened(), 1)
      const inside = host.transaction((executor) =>
        opened().within(executor, async ({ payments }) => {
          await payments.refund(id, { amount: usd(300) })
          assert.instanceOf(await reasonOf(payments.recover()), TransactionOpen)
          assert.deepStrictEqual(
            (await payments.operations(id)).map(({ status }) => status),
            ["PENDING"]
          )
        })
      )
      await inside
      await opened().payments.recover()
      assert.deepInclude(await opened().payments.refundable(id), { pending: usd(0), refunded: usd(300) })
    } finally {
      await host.end()
    }
  })

  it("has the types of the services", () => {
    const { payments } = opened()
    expectTypeOf(payments.refund).toEqualTypeOf<
      (orderId: string, options?: RefundOptions & CallOptions) => Promise<PaymentOperation>
    >()
    expectTypeOf(payments.refundable).toEqualTypeOf<
      (orderId: string, options?: CallOptions) => Promise<Refundable>
    >()
  })
})
