import { deepEqual, equal, ok } from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { createCommerce } from "effect-commerce/promise"
import { stages } from "./warehouse.ts"

const worker = fileURLToPath(new URL("worker.ts", import.meta.url))
const ids: Record<string, string> = {}
let folder = ""
const database = () => ({ embedded: join(folder, "data") })

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "warehouse-"))
})
after(() => rm(folder, { recursive: true, force: true }))

/** Runs the worker until it has reported so many steps, and kills it. Returns the steps. */
const runUntil = async (isEnough: (reports: ReadonlyArray<string>) => boolean) => {
  const args = [...process.execArgv.filter((arg) => !arg.startsWith("--test")), worker]
  const child = spawn(process.execPath, [...args, database().embedded, join(folder, "position")], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const reports: Array<string> = []
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      reports.push(line)
      if (isEnough(reports)) break
    }
    ok(isEnough(reports), `the worker has ended after ${reports.join(", ")}`)
  } finally {
    child.kill("SIGKILL")
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  }
  return reports
}

/** Places and pays orders: units by SKU. */
const sell = async (...orders: ReadonlyArray<Readonly<Record<string, number>>>) => {
  const commerce = await createCommerce({ database: database(), stages })
  const { id: categoryId } = await commerce.catalog.createCategory({ name: "Kitchen" })
  for (const sku of ["CUP", "PLATE", "TEAPOT"]) {
    const price = { amount: 1000, currency: "EUR" }
    const wanted = { categoryId, name: sku.toLowerCase(), sku, price, stock: 100 }
    ids[sku] = (await commerce.catalog.createProduct(wanted)).id
  }
  const sold: Array<string> = []
  for (const wanted of orders) {
    const items = Object.entries(wanted).map(([sku, quantity]) => ({ productId: ids[sku] ?? "", quantity }))
    const { id } = await commerce.orders.place({ customerId: "ada", items })
    await commerce.payments.pay({ orderId: id, paymentMethod: "sim_approve" })
    sold.push(id)
  }
  await commerce.close()
  return sold
}

test("a worker that is killed again and again loses no order and does nothing twice", async () => {
  const sold = await sell({ CUP: 3, PLATE: 1 }, { CUP: 2, TEAPOT: 1 }, { TEAPOT: 2 }, { PLATE: 1 })
  const isDone = (reports: ReadonlyArray<string>) => reports.includes(`done ${sold.at(-1)}`)
  // It is killed after each kind of step, before it has kept its position.
  const runs: Array<ReadonlyArray<string>> = []
  for (const steps of [1, 4]) runs.push(await runUntil((reports) => reports.length >= steps))
  runs.push(await runUntil(isDone))
  ok(runs.flat().length > new Set(runs.flat()).size, "no step was repeated")

  const { orders, catalog, verify, close } = await createCommerce({ database: database(), stages })
  const histories = await Promise.all(sold.map((id) => orders.history(id)))
  const told = histories.map((history) =>
    history
      .slice(2)
      .map(({ event, to, stage, items = [], trackingCode, reason }) =>
        [
          event,
          to,
          stage ?? items.map(({ quantity }) => quantity).join("+"),
          trackingCode ?? reason ?? ""
        ].join(" ")
      )
  )
  deepEqual(told, [
    [
      "stage-changed PAID picked ",
      "stage-changed PAID packed ",
      `shipped PAID 2+1 ${sold[0]}/1`,
      `shipped SHIPPED 1 ${sold[0]}/2`
    ],
    [
      "stage-changed PAID picked ",
      "cancelled PAID 1 not found",
      "stage-changed PAID packed ",
      `shipped PAID 1 ${sold[1]}/1`,
      `shipped SHIPPED 1 ${sold[1]}/2`
    ],
    ["cancelled CANCELLED  not found"],
    ["stage-changed PAID picked ", "stage-changed PAID packed ", `shipped SHIPPED  ${sold[3]}/1`]
  ])
  const stock = async (sku: string) => (await catalog.product(ids[sku] ?? "")).stock
  deepEqual([await stock("CUP"), await stock("PLATE"), await stock("TEAPOT")], [95, 98, 100])
  equal((await verify()).ok, true)
  await close()
})
