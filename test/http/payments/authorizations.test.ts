import { expect, test } from "vitest"
import { expectProblem, ok } from "../support/Expect.ts"
import {
  books,
  cancel,
  capture,
  historyOf,
  items,
  newOrder,
  newProduct,
  operationsOf,
  pay,
  paymentsOf,
  productNow,
  refundableOf,
  seen,
  usd
} from "../support/Given.ts"
import { suite, type TestShop } from "../support/Shop.ts"
import type { Order, PaymentOperation } from "../support/Types.ts"

const withKey = () => ({ "idempotency-key": crypto.randomUUID() })
const replayed = ({ headers }: { readonly headers: Headers }) => headers.get("idempotent-replayed")

const bought = async (shop: TestShop, paymentMethod = "sim_approve", quantity = 3) => {
  const customer = await shop.newCustomer()
  const mug = await newProduct(shop, { price: usd(1000) })
  const order = await newOrder(customer, [mug, quantity])
  return { customer, mug, order, payment: await pay(customer, order, paymentMethod) }
}

suite(
  "Authorized payments over HTTP",
  (shop) => {
    const { admin } = shop
    const end = (path: "captures" | "voids", { id }: Order, headers?: Record<string, string>) =>
      admin.post<PaymentOperation>(`/orders/${id}/${path}`, undefined, headers)

    test("hold the amount: the order is CREATED, and can neither be paid again, nor expire, nor be shipped", async () => {
      const { customer, order, payment } = await bought(shop)
      expect(payment).toMatchObject({ status: "AUTHORIZED", amount: usd(3000), orderStatus: "CREATED" })
      expect(payment.authorizedAt).toBeDefined()
      expect((await historyOf(shop, order)).at(-1)).toMatchObject({ event: "authorized", amount: usd(3000) })
      const again = await customer.post(`/orders/${order.id}/payments`, { paymentMethod: "sim_approve" })
      expectProblem(again, 409, "payment-in-progress")
      expectProblem(await admin.post(`/orders/${order.id}/expire`), 409, "payment-in-progress")
      expectProblem(await admin.post(`/orders/${order.id}/shipments`, {}), 409, "illegal-transition")
      expectProblem(await admin.post(`/orders/${order.id}/refunds`, {}), 409, "nothing-to-refund")
      expect(await paymentsOf(shop, order)).toEqual([payment])
    })

    test("are captured for what is left of the order", async () => {
      const { mug, order } = await bought(shop)
      await cancel(shop, order, items([mug, 1]))
      expect(await capture(shop, order)).toMatchObject({
        kind: "capture",
        status: "APPROVED",
        amount: usd(2000)
      })
      expect(await paymentsOf(shop, order)).toMatchObject([
        { status: "APPROVED", amount: usd(3000), captured: usd(2000), orderStatus: "PAID" }
      ])
      expect(await refundableOf(shop, order)).toMatchObject({ captured: usd(2000), due: usd(0) })
    })

    test("are released by a void, and the order can be paid again", async () => {
      const { customer, order } = await bought(shop)
      const voided = await end("voids", order)
      expect([voided.status, voided.body.kind, voided.body.status]).toEqual([201, "void", "APPROVED"])
      expect((await paymentsOf(shop, order)).map(({ status }) => status)).toEqual(["CANCELLED"])
      expect((await seen(shop, order)).status).toBe("CREATED")
      expect((await pay(customer, order)).status).toBe("AUTHORIZED")
    })

    test("end once: what ends them refuses the other, and itself [P10]", async () => {
      for (const first of ["captures", "voids"] as const) {
        const { customer, mug, order } = await bought(shop)
        await end(first, order)
        const before = await books(shop, customer, mug)
        for (const path of ["captures", "voids"] as const) {
          expectProblem(await end(path, order), 409, "payment-not-authorized", { orderId: order.id })
        }
        expect(await books(shop, customer, mug)).toEqual(before)
      }
    })

    test("of a capture and a void at once, one counts", async () => {
      for (let n = 0; n < 10; n++) {
        const { order } = await bought(shop)
        const both = n % 2 === 0 ? (["captures", "voids"] as const) : (["voids", "captures"] as const)
        const answers = await Promise.all(both.map((path) => end(path, order)))
        expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
        const [operation] = await operationsOf(shop, order)
        expect((await seen(shop, order)).status).toBe(operation?.kind === "capture" ? "PAID" : "CREATED")
      }
    })

    test("a key captures and voids once, and belongs to one of them", async () => {
      for (const path of ["captures", "voids"] as const) {
        const { order } = await bought(shop)
        const key = withKey()
        const [first, again] = [await end(path, order, key), await end(path, order, key)]
        expect([first.status, replayed(first)]).toEqual([201, null])
        expect([again.status, replayed(again), again.body]).toEqual([201, "true", first.body])
        const { order: other } = await bought(shop)
        expectProblem(await end(path, other, key), 422, "idempotency-key-reused")
      }
    })

    test("are voided with a whole order that is cancelled, by its customer too", async () => {
      const { customer, mug, order } = await bought(shop)
      const cancelled = await ok(customer.post<Order>(`/orders/${order.id}/cancellations`, {}))
      expect(cancelled.status).toBe("CANCELLED")
      expectProblem(await end("captures", order), 409, "payment-not-authorized")
      expect(await operationsOf(shop, order)).toMatchObject([{ kind: "void", amount: usd(3000) }])
      expect((await productNow(shop, mug)).stock).toBe(10)
    })

    test("a captured order that is cancelled with a refund is refunded, and not voided", async () => {
      const { order } = await bought(shop)
      await capture(shop, order)
      expect((await cancel(shop, order, { refund: true })).status).toBe("CANCELLED")
      expect((await operationsOf(shop, order)).map(({ kind, amount }) => [kind, amount.amount])).toEqual([
        ["capture", 3000],
        ["refund", 3000]
      ])
    })

    test.each([
      ["captures", "sim_capture_decline", "DECLINED", "CANCELLED"],
      ["captures", "sim_capture_cancel", "CANCELLED", "AUTHORIZED"],
      ["voids", "sim_void_decline", "DECLINED", "AUTHORIZED"],
      ["captures", "sim_operation_timeout", "PENDING", "AUTHORIZED"]
    ] as const)("POST %s by a gateway that answers as %s is %s", async (path, method, status, payment) => {
      const { order } = await bought(shop, method)
      expect((await end(path, order)).body).toMatchObject({ status })
      expect(await paymentsOf(shop, order)).toMatchObject([{ status: payment, orderStatus: "CREATED" }])
    })

    test("a declined payment fails its order, as ever", async () => {
      const { payment } = await bought(shop, "sim_decline")
      expect([payment.status, payment.orderStatus]).toEqual(["DECLINED", "FAILED"])
    })
  },
  { payments: { capture: "later" } }
)

suite(
  "Payments of a shop where a decline leaves the order payable",
  (shop) => {
    test("can be tried again after a decline", async () => {
      const { customer, order, payment } = await bought(shop, "sim_decline")
      expect([payment.status, payment.orderStatus]).toEqual(["DECLINED", "CREATED"])
      expect(await pay(customer, order)).toMatchObject({ status: "APPROVED", orderStatus: "PAID" })
    })

    test("have no authorization", async () => {
      const { order } = await bought(shop)
      for (const path of ["captures", "voids"]) {
        const answer = await shop.admin.post(`/orders/${order.id}/${path}`)
        expectProblem(answer, 409, "payment-not-authorized", { orderId: order.id })
      }
    })

    test("that wait for the customer say what to do, to whoever pays and to admins", async () => {
      const { customer, order, payment } = await bought(shop, "sim_action")
      const url = `https://payments.invalid/${payment.id}`
      expect(payment).toMatchObject({ status: "PENDING", nextAction: { kind: "redirect", url } })
      const own = await ok(customer.get<{ items: unknown }>(`/orders/${order.id}/payments`))
      expect(own.items).toEqual([payment])
      expect(await paymentsOf(shop, order)).toEqual([payment])
    })
  },
  { payments: { afterDecline: "payable" } }
)
