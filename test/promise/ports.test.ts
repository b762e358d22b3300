import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { assert, describe, expect, it } from "vitest"
import type { Charge } from "../../src/ports/PaymentGateway.ts"
import { type CommerceApi, createCommerce } from "../../src/promise/index.ts"
import { newProduct, orderOf, useEmbedded } from "./support.ts"

const placed = async (commerce: CommerceApi) => {
  const { id } = await newProduct(commerce, 1)
  return commerce.orders.place(orderOf(id))
}

describe("a gateway of promises", () => {
  const charges: Array<Charge> = []
  const aborted: Array<string> = []

  const opened = useEmbedded({
    logger: {},
    payments: {
      timeout: 200,
      gateway: {
        accepts: (method) => method.startsWith("card_"),
        charge: async (charge, signal) => {
          charges.push(charge)
          const asked = charges.filter(({ paymentId }) => paymentId === charge.paymentId).length
          if (charge.paymentMethod === "card_throws" && asked === 1) throw new Error("no connection")
          if (charge.paymentMethod === "card_hangs" && asked === 1) {
            await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))
            aborted.push(charge.paymentId)
          }
          if (charge.paymentMethod === "card_nonsense" && asked === 1) return "MAYBE" as never
          return charge.paymentMethod === "card_empty" ? "DECLINED" : "APPROVED"
        }
      }
    }
  })

  it.each([
    ["card_good", "APPROVED", "PAID"],
    ["card_empty", "DECLINED", "FAILED"]
  ] as const)(
    "is asked with the payment's id, and %s ends %s",
    async (paymentMethod, status, orderStatus) => {
      const { id: orderId, total } = await placed(opened())
      const payment = await opened().payments.pay({ orderId, paymentMethod })
      assert.include(payment, { status, orderStatus })
      assert.deepStrictEqual(charges.at(-1), { paymentId: payment.id, orderId, amount: total, paymentMethod })
    }
  )

  it("refuses a method that it does not take", async () => {
    const { id: orderId } = await placed(opened())
    const refusal = await opened()
      .payments.pay({ orderId, paymentMethod: "cash" })
      .catch((error: unknown) => error)
    assert.propertyVal(refusal, "_tag", "InvalidInput")
  })

  it.each(["card_throws", "card_hangs", "card_nonsense"])(
    "that gives no answer (%s) leaves the payment pending, and is asked again",
    async (paymentMethod) => {
      const { payments } = opened()
      const { id: orderId } = await placed(opened())
      const payment = await payments.pay({ orderId, paymentMethod })
      assert.strictEqual(payment.status, "PENDING")
      assert.strictEqual(aborted.includes(payment.id), paymentMethod === "card_hangs")
      await new Promise((resolve) => setTimeout(resolve, 300))
      const recovered = await payments.recover()
      assert.deepStrictEqual(
        recovered.map(({ id, status }) => [id, status]),
        [[payment.id, "APPROVED"]]
      )
    }
  )
})

describe("a log and a clock of the host's", () => {
  const lines: Array<readonly [string, Readonly<Record<string, unknown>>]> = []
  let time = new Date("2031-02-03T04:05:06.789Z")
  const opened = useEmbedded({
    clock: () => time,
    logger: {
      warn: (message, details) => {
        lines.push([message, details])
        throw new Error("a log that is full")
      }
    },
    payments: {
      gateway: { accepts: () => true, charge: () => Promise.reject(new Error("the bank is closed")) }
    }
  })

  it("are told what happened, with the error", async () => {
    const { id: orderId } = await placed(opened())
    const { id: paymentId } = await opened().payments.pay({ orderId, paymentMethod: "card" })
    const [message, details] = lines.at(-1) ?? ["nothing", {}]
    assert.strictEqual(message, "The payment gateway did not answer")
    assert.propertyVal(details, "paymentId", paymentId)
    assert.deepNestedPropertyVal(details, "error.message", "the bank is closed")
  })

  it("say what time it is", async () => {
    const order = await placed(opened())
    assert.deepStrictEqual(order.createdAt, time)
    const { email, password } = { email: "clock@example.com", password: "a long password" }
    await opened().accounts.register({ email, password })
    const { accessToken } = await opened().accounts.login({ email, password })
    time = new Date(time.getTime() + 16 * 60_000)
    const refusal = await opened()
      .accounts.authenticate(accessToken)
      .catch((error: unknown) => error)
    assert.propertyVal(refusal, "_tag", "Unauthenticated")
  })
})

describe("what goes on by itself", () => {
  it("expires orders that were not paid in time, and without a gateway nobody pays", async () => {
    const database = { embedded: "memory" }
    const maintenance = { every: 100, unpaidOrderTtl: 1 }
    const commerce = await createCommerce({ database, auth: { bcryptCost: 4 }, maintenance })
    const { id } = await placed(commerce)
    const refusal = await commerce.payments.pay({ orderId: id, paymentMethod: "sim_approve" }).catch(String)
    assert.match(String(refusal), /no payment gateway/)
    await expect.poll(async () => (await commerce.orders.get(id)).status, { timeout: 60_000 }).toBe("FAILED")
    await commerce.close()
  })
})

describe("without PGlite installed", () => {
  it("an embedded database is refused, and tells what to install", async () => {
    const script = new URL("../fixtures/promise-without-pglite.ts", import.meta.url).pathname
    const { stdout } = await promisify(execFile)(process.execPath, [script])
    assert.match(stdout, /^EmbeddedUnavailable: .*npm install @electric-sql\/pglite\n$/)
  })
})
