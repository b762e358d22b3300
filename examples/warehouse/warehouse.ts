import { readFile, rename, writeFile } from "node:fs/promises"
import { type Commerce, defineStages, isCommerceError } from "effect-commerce/promise"

export const stages = defineStages({
  PAID: {
    first: "new",
    moves: { new: ["picked"], picked: ["packed"], packed: [] },
    leaves: ["packed"]
  }
})

/** Articles that the catalog has and the shelves do not. */
const lost: ReadonlySet<string> = new Set(["TEAPOT"])

interface Line {
  readonly productId: string
  readonly quantity: number
}

/** Splits units between two parcels. The second is empty if there is one unit only. */
const inParcels = (lines: ReadonlyArray<Line>): ReadonlyArray<ReadonlyArray<Line>> => {
  const share = (part: (quantity: number) => number) =>
    lines
      .map(({ productId, quantity }) => ({ productId, quantity: part(quantity) }))
      .filter(({ quantity }) => quantity > 0)
  return [share((quantity) => Math.ceil(quantity / 2)), share((quantity) => Math.floor(quantity / 2))].filter(
    (parcel) => parcel.length > 0
  )
}

/** Fulfils an order. A step that an earlier run has taken is replayed: its key is made of the order. */
const fulfil = async ({ orders }: Commerce, orderId: string, report: (line: string) => void) => {
  const step = async (name: string, take: (once: object) => Promise<unknown>) => {
    await take({ actor: "warehouse", idempotencyKey: `${name}:${orderId}` })
    report(`${name} ${orderId}`)
  }
  const { items } = await orders.get(orderId)
  const lines = (isWanted: (sku: string) => boolean): ReadonlyArray<Line> =>
    items.filter(({ sku }) => isWanted(sku ?? "")).map(({ productId, quantity }) => ({ productId, quantity }))
  const [missing, found] = [lines((sku) => lost.has(sku)), lines((sku) => !lost.has(sku))]
  const reason = "not found"
  if (found.length === 0) return step("cancel", (once) => orders.cancel(orderId, { reason, ...once }))
  await step("pick", (once) => orders.move(orderId, "picked", once))
  if (missing.length > 0) {
    await step("cancel", (once) => orders.cancel(orderId, { items: missing, reason, ...once }))
  }
  await step("pack", (once) => orders.move(orderId, "packed", once))
  for (const [index, parcel] of inParcels(found).entries()) {
    const number = index + 1
    await step(`parcel-${number}`, (once) =>
      orders.ship(orderId, { items: parcel, carrier: "DHL", trackingCode: `${orderId}/${number}`, ...once })
    )
  }
}

/** People may have cancelled or shipped the order meanwhile: that is no reason to stop. */
const isOvertaken = (error: unknown) =>
  isCommerceError(error) && ["IllegalTransition", "IllegalStage", "InsufficientUnits"].includes(error._tag)

const positionIn = async (file: string): Promise<string | undefined> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined
    throw error
  })

/** Follows the feed from the position in a file, until the process ends. */
export const work = async (commerce: Commerce, file: string, report: (line: string) => void) => {
  for await (const event of commerce.orders.follow({ after: await positionIn(file), every: 50 })) {
    if (event.event === "paid") {
      await fulfil(commerce, event.orderId, report).catch((error: unknown) => {
        if (!isOvertaken(error)) throw error
        report(`overtaken ${event.orderId}`)
      })
      report(`done ${event.orderId}`)
    }
    // A rename replaces the file at once: a crash leaves the earlier position or the later one.
    await writeFile(`${file}.next`, event.position)
    await rename(`${file}.next`, file)
  }
}
