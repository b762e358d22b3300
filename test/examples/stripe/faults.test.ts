import { setTimeout } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, expect, it } from "vitest"
import type { FakeStripe, Fault } from "../../../examples/stripe-host/fake-stripe.ts"
import { endLasting } from "../../support/lasting.ts"
import { cards, openShop, type Shop } from "./support.ts"

type Step = Parameters<FakeStripe["fail"]>[0]

/** What becomes of a payment whose request meets a fault once: at once, and after recovery. */
interface Case {
  readonly step: Step
  readonly fault: Fault
  readonly answered: string
  readonly recovered: string
}

const cases = (rows: ReadonlyArray<readonly [Step, ReadonlyArray<Fault>, string, string]>) =>
  rows.flatMap(([step, faults, answered, recovered]) =>
    faults.map((fault): Case => ({ step, fault, answered, recovered }))
  )

/** The connection broke, or Stripe has asked to try again: the same request is repeated. */
const transient: ReadonlyArray<Fault> = ["unreached", "503", "409", "429"]
/** Stripe has done it, and did not say so: it is looked up. */
const unheard: ReadonlyArray<Fault> = ["lost", "hang", "500 after"]

let now: Shop
let later: Shop

beforeAll(async () => {
  now = await openShop("now")
  later = await openShop("later")
})
afterAll(async () => {
  await now.audit()
  await later.audit()
  await endLasting()
})

/** Runs all cases, then recovers once, so that the tests wait for one lease and not for many. */
const play = async (
  shop: Shop,
  all: ReadonlyArray<Case>,
  prepare: (orderId: string) => Promise<unknown>,
  act: (orderId: string) => Promise<{ readonly status: string }>
) => {
  const played: Array<Case & { orderId: string; got: string }> = []
  for (const one of all) {
    const { id: orderId } = await shop.order()
    await prepare(orderId)
    shop.stripe.fail(one.step, one.fault)
    const { status: got } = await act(orderId)
    assert.strictEqual(shop.stripe.faultsLeft, 0, `${one.step} ${one.fault} was not met`)
    played.push({ ...one, orderId, got })
  }
  return played
}

const nameOf = ({ step, fault }: Case) => `${step} ${fault}`

describe("a payment", { timeout: 300_000 }, () => {
  const all = cases([
    ["create", ["lost", "hang", ...transient], "PENDING", "APPROVED"],
    // The key is spent on an error, and the intent was never confirmed.
    ["create", ["500 before", "500 after"], "PENDING", "CANCELLED"],
    ["create", ["402"], "CANCELLED", "CANCELLED"],
    ["confirm", unheard, "APPROVED", "APPROVED"],
    ["confirm", transient, "PENDING", "APPROVED"],
    ["confirm", ["500 before"], "PENDING", "CANCELLED"],
    ["confirm", ["402"], "CANCELLED", "CANCELLED"],
    ["retrieve", ["lost", "hang", ...transient, "500 before"], "PENDING", "APPROVED"]
  ])

  it("moves the money once, whatever fails at whichever step", async () => {
    const played = await play(
      now,
      all,
      async () => {},
      (orderId) => now.payments.pay({ orderId, paymentMethod: cards.good })
    )
    expect(played.map((one) => [nameOf(one), one.got])).toEqual(all.map((one) => [nameOf(one), one.answered]))
    await now.recover(...played.map(({ orderId }) => orderId))
    for (const one of played) {
      assert.deepStrictEqual(await now.paymentsOf(one.orderId), [one.recovered], nameOf(one))
      await now.agree(one.orderId, nameOf(one))
      const { charged } = now.stripe.ledger(one.orderId)
      assert.strictEqual(charged, one.recovered === "APPROVED" ? 1000 : 0, nameOf(one))
      if (one.recovered === "APPROVED") continue
      // The order can be paid again, and is charged once.
      await now.payments.pay({ orderId: one.orderId, paymentMethod: cards.good })
      assert.strictEqual((await now.orders.get(one.orderId)).status, "PAID", nameOf(one))
      await now.agree(one.orderId, nameOf(one))
    }
  })

  it("is declined by the card, and the customer tries another one", async () => {
    const { id: orderId } = await now.order()
    const declined = await now.payments.pay({ orderId, paymentMethod: cards.declined })
    const paid = await now.payments.pay({ orderId, paymentMethod: cards.good })
    assert.deepStrictEqual([declined.status, paid.status, paid.orderStatus], ["DECLINED", "APPROVED", "PAID"])
    await now.agree(orderId)
  })

  it("stays declined if the decline was not heard", async () => {
    const { id: orderId } = await now.order()
    now.stripe.fail("confirm", "lost")
    now.stripe.fail("cancel", "lost")
    const payment = await now.payments.pay({ orderId, paymentMethod: cards.declined })
    await now.recover(orderId)
    assert.deepStrictEqual([payment.status, ...(await now.paymentsOf(orderId))], ["PENDING", "DECLINED"])
    await now.agree(orderId)
  })

  it("with a card that Stripe does not know charges nothing", async () => {
    const { id: orderId } = await now.order()
    const payment = await now.payments.pay({ orderId, paymentMethod: "pm_unknown" })
    assert.deepStrictEqual([payment.status, payment.orderStatus], ["CANCELLED", "CREATED"])
  })
})

describe("the end of a hold", { timeout: 300_000 }, () => {
  const pay = (orderId: string) => later.payments.pay({ orderId, paymentMethod: cards.good })

  for (const kind of ["capture", "void"] as const) {
    const step = kind === "capture" ? "capture" : "cancel"
    const all = cases([
      [step, unheard, "APPROVED", "APPROVED"],
      [step, transient, "PENDING", "APPROVED"],
      // The hold is still there, so that it can be ended again.
      [step, ["500 before"], "PENDING", "CANCELLED"],
      [step, ["402"], "CANCELLED", "CANCELLED"],
      ["retrieve", ["lost", "hang", "503"], "PENDING", "APPROVED"]
    ])

    it(`by a ${kind} moves the money once, whatever fails`, async () => {
      const played = await play(later, all, pay, (orderId) => later.payments[kind](orderId))
      expect(played.map((one) => [nameOf(one), one.got])).toEqual(
        all.map((one) => [nameOf(one), one.answered])
      )
      await later.recover(...played.map(({ orderId }) => orderId))
      for (const one of played) {
        const { orderId } = one
        assert.deepStrictEqual(await later.operationsOf(orderId), [`${kind} ${one.recovered}`], nameOf(one))
        if (one.recovered === "CANCELLED") {
          assert.strictEqual(later.stripe.ledger(orderId).held, 1000, nameOf(one))
          assert.strictEqual((await later.payments[kind](orderId)).status, "APPROVED", nameOf(one))
        }
        await later.agree(orderId, nameOf(one))
        assert.deepInclude(
          later.stripe.ledger(orderId),
          { held: 0, charged: kind === "capture" ? 1000 : 0 },
          nameOf(one)
        )
      }
    })
  }

  it("by a capture comes too late if the bank has released it", async () => {
    const { id: orderId } = await later.order()
    await pay(orderId)
    later.stripe.expireHold(later.stripe.intentOf(orderId).id)
    assert.strictEqual((await later.payments.capture(orderId)).status, "DECLINED")
    assert.deepStrictEqual(await later.paymentsOf(orderId), ["CANCELLED"])
    await pay(orderId)
    assert.strictEqual((await later.payments.capture(orderId)).status, "APPROVED")
    await later.agree(orderId)
  })

  it("by a capture charges what is left of the order, and releases the rest", async () => {
    const { id: orderId, productId } = await later.order(3)
    await pay(orderId)
    await later.orders.cancel(orderId, { items: [{ productId, quantity: 2 }] })
    await later.payments.capture(orderId)
    assert.deepInclude(later.stripe.ledger(orderId), { held: 0, charged: 1000 })
    await later.agree(orderId)
  })
})

describe("a refund", { timeout: 300_000 }, () => {
  const amount = { amount: 400, currency: "EUR" }
  const refund = (orderId: string) => now.payments.refund(orderId, { amount })
  const pay = (orderId: string) => now.payments.pay({ orderId, paymentMethod: cards.good })

  it("returns the money once, whatever fails", async () => {
    const all = cases([
      ["refund", unheard, "APPROVED", "APPROVED"],
      ["refund", transient, "PENDING", "APPROVED"],
      ["refund", ["402"], "DECLINED", "DECLINED"]
    ])
    const played = await play(now, all, pay, refund)
    expect(played.map((one) => [nameOf(one), one.got])).toEqual(all.map((one) => [nameOf(one), one.answered]))
    await now.recover(...played.map(({ orderId }) => orderId))
    for (const one of played) {
      const { orderId } = one
      assert.deepStrictEqual(await now.operationsOf(orderId), [`refund ${one.recovered}`], nameOf(one))
      await now.agree(orderId, nameOf(one))
      assert.strictEqual(
        now.stripe.ledger(orderId).refunded,
        one.recovered === "APPROVED" ? 400 : 0,
        nameOf(one)
      )
    }
  })

  it("is repeated if neither its answer nor the look-up was heard", async () => {
    const { id: orderId } = await now.order()
    await pay(orderId)
    now.stripe.fail("refund", "lost")
    now.stripe.fail("list", "503")
    assert.strictEqual((await refund(orderId)).status, "PENDING")
    await now.recover(orderId)
    assert.strictEqual(now.stripe.ledger(orderId).refunded, 400)
    await now.agree(orderId)
  })

  it("stays pending if its key is spent on a 500, until a person has looked", async () => {
    const { id: orderId } = await now.order()
    await pay(orderId)
    now.stripe.fail("refund", "500 before")
    const { id: paymentId, status } = await refund(orderId)
    assert.strictEqual(status, "PENDING")
    const { refund: asked } = now.stripe.requests
    while (now.stripe.requests.refund === asked) {
      await setTimeout(100)
      await now.payments.recover()
    }
    assert.deepStrictEqual(await now.operationsOf(orderId), ["refund PENDING"])
    // Its amount stays reserved meanwhile.
    assert.strictEqual((await now.payments.refundable(orderId)).refundable.amount, 600)
    await now.payments.recordOutcome({ paymentId, outcome: "CANCELLED" })
    assert.strictEqual((await refund(orderId)).status, "APPROVED")
    await now.agree(orderId)
  })

  it("of a cancelled order returns all of it", async () => {
    const { id: orderId } = await now.order(2)
    await pay(orderId)
    await refund(orderId)
    await now.orders.cancel(orderId, { refund: true })
    await now.recover(orderId)
    assert.deepInclude(now.stripe.ledger(orderId), { charged: 2000, refunded: 2000 })
    await now.agree(orderId)
  })

  it("of more than Stripe has left is declined, and gives its amount back", async () => {
    const { id: orderId } = await now.order()
    await pay(orderId)
    now.stripe.refundInDashboard(now.stripe.intentOf(orderId).id, 800)
    assert.strictEqual((await refund(orderId)).status, "DECLINED")
    for (const body of now.stripe.undelivered) await now.deliver(body)
    assert.strictEqual((await now.payments.refundable(orderId)).refundable.amount, 200)
    await now.agree(orderId)
  })
})
