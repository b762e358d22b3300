/** A bank: `PUT /charges/{payment id}`. It charges a payment once, and has charged it even if nobody hears of it. */
import { createServer } from "node:http"
import { json } from "node:stream/consumers"

interface Charge {
  readonly amount: number
  readonly currency: string
  readonly card: string
}

const ledger = new Map<string, { readonly charge: Charge; readonly outcome: string }>()
let asked = 0

const server = createServer(async (request, response) => {
  const answer = (body: unknown) =>
    response.setHeader("content-type", "application/json").end(JSON.stringify(body))
  if (request.method === "GET") return answer([...ledger.values()])
  const id = request.url?.split("/").at(-1) ?? ""
  const charge = (await json(request)) as Charge
  const known = ledger.get(id) ?? { charge, outcome: charge.card === "stolen" ? "DECLINED" : "APPROVED" }
  const isNew = !ledger.has(id)
  ledger.set(id, known)
  asked += 1
  const late = isNew && asked % 2 === 0
  setTimeout(() => answer({ outcome: known.outcome }), late ? 60_000 : 0)
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  process.send?.(typeof address === "object" ? `http://127.0.0.1:${address?.port}` : address)
})
process.on("disconnect", () => process.exit())
