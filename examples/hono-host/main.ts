import { once } from "node:events"
import { serve } from "@hono/node-server"
import { createCommerce } from "effect-commerce/promise"
import { forum } from "./app.ts"

const commerce = await createCommerce({
  database: { embedded: "memory" },
  http: { basePath: "/shop" },
  payments: { gateway: "simulated" }
})
const { id: categoryId } = await commerce.catalog.createCategory({ name: "Clothes" })
const price = { amount: 2000, currency: "EUR" }
const shirt = await commerce.catalog.createProduct({ categoryId, name: "T-shirt", price, stock: 3 })

const server = serve({ fetch: forum(commerce).fetch, hostname: "127.0.0.1", port: 0 })
await once(server, "listening")
const address = server.address()
const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`

/** What somebody gets who is logged in to the forum. */
const ask = async (token: string, path: string, order?: object) => {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }
  const response = await fetch(url + path, {
    headers,
    ...(order && { method: "POST", body: JSON.stringify(order) })
  })
  return { status: response.status, body: await response.json() }
}

const browsed = await (await fetch(`${url}/shop/products`)).json()
console.log(`on the shelf: ${browsed.items.map(({ name }: { name: string }) => name)}`)

const order = { productId: shirt.id, quantity: 2 }
const bought = await ask("ada's token", "/my/orders", order)
console.log(`Ada: ${bought.status} ${bought.body.status}, ${bought.body.total.amount} EUR`)

const late = await ask("bob's token", "/my/orders", order)
console.log(`Bob: ${late.status} ${late.body.error.replace(shirt.id, "T-shirts")}`)

const nosy = await ask("bob's token", `/my/orders/${bought.body.id}`)
const stranger = await ask("nobody's token", `/my/orders/${bought.body.id}`)
console.log(`Ada's order for Bob: ${nosy.status}, for a stranger: ${stranger.status}`)

server.close()
await commerce.close()
