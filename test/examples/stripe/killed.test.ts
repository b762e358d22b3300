import { spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout } from "node:timers/promises"
import { afterAll, assert, inject, it } from "vitest"
import { endLasting } from "../../support/lasting.ts"
import { compileCache } from "../../support/programs.ts"
import { cards, newDatabase, openShop, settingsOf, startStripe } from "./support.ts"

afterAll(endLasting)

/** Starts a host as a process. It leaves operations leased for 8 times as long as a request may take. */
const startWorker = (settings: object, work: ReadonlyArray<readonly [string, string]>) =>
  spawn(
    process.execPath,
    [
      "--conditions=effect-commerce-source",
      "test/examples/stripe/worker.ts",
      JSON.stringify(settings),
      JSON.stringify(work)
    ],
    {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...compileCache(inject("programs")) }
    }
  )

it("a host that is killed before Stripe answers: after a restart everything ends once", {
  timeout: 300_000
}, async () => {
  const [stripe, url] = [await startStripe(), await newDatabase()]
  const before = await openShop("later", { stripe, url })
  const { payments } = before
  const held = async () => {
    const { id } = await before.order()
    await payments.pay({ orderId: id, paymentMethod: cards.good })
    return id
  }
  const charged = async () => {
    const id = await held()
    await payments.capture(id)
    return id
  }
  const ids = async (make: () => Promise<string>, count: number) => {
    const made: Array<string> = []
    while (made.length < count) made.push(await make())
    return made
  }
  const paid = await ids(async () => (await before.order()).id, 4)
  const [captured, voided, refunded] = [await ids(held, 2), await ids(held, 2), await ids(charged, 2)]
  const all = [...paid, ...captured, ...voided, ...refunded]

  // Each request is met by a Stripe that has done it, or that has not: neither answers.
  for (const step of ["create", "confirm", "capture", "cancel", "refund"] as const) {
    stripe.fail(step, "hang")
    stripe.fail(step, "stall")
  }
  const work = [
    ...paid.map((id) => ["pay", id] as const),
    ...captured.map((id) => ["capture", id] as const),
    ...voided.map((id) => ["void", id] as const),
    ...refunded.map((id) => ["refund", id] as const)
  ]
  const worker = startWorker({ ...settingsOf(stripe.settings, url, "later"), timeout: 3000 }, work)
  while (stripe.faultsLeft > 0 && worker.exitCode === null) await setTimeout(5)
  worker.kill("SIGKILL")
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, "exit")
  assert.strictEqual(worker.signalCode, "SIGKILL")
  const states = async () =>
    Promise.all(all.map(async (id) => [...(await before.paymentsOf(id)), ...(await before.operationsOf(id))]))
  assert.deepStrictEqual(await states(), [
    ...paid.map(() => ["PENDING"]),
    ...captured.map(() => ["AUTHORIZED", "capture PENDING"]),
    ...voided.map(() => ["AUTHORIZED", "void PENDING"]),
    ...refunded.map(() => ["APPROVED", "capture APPROVED", "refund PENDING"])
  ])

  const after = await openShop("later", { stripe, url })
  await after.recover(...all)
  assert.deepStrictEqual(await states(), [
    ...paid.map(() => ["AUTHORIZED"]),
    ...captured.map(() => ["APPROVED", "capture APPROVED"]),
    ...voided.map(() => ["CANCELLED", "void APPROVED"]),
    ...refunded.map(() => ["APPROVED", "capture APPROVED", "refund APPROVED"])
  ])
  for (const id of all) await after.agree(id)
  for (const id of refunded) assert.strictEqual(stripe.ledger(id).refunded, 400)
  await after.audit()
})
