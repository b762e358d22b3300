import createClient from "openapi-fetch"
import type { paths } from "./api.d.ts"

const baseUrl = process.env.SHOP_URL ?? "http://127.0.0.1:3000"
const client = createClient<paths>({ baseUrl })

const refused = (problem: { readonly code: string; readonly detail: string }) =>
  new Error(`${problem.code}: ${problem.detail}`)

/** What the server answered; a problem document otherwise. */
const answer = <A, E extends Parameters<typeof refused>[0]>({ data, error }: { data?: A; error?: E }): A => {
  if (error !== undefined) throw refused(error)
  return data as A
}

const credentials = { email: `${crypto.randomUUID()}@example.com`, password: "battery staple" }
answer(await client.POST("/auth/register", { body: credentials }))
const { accessToken } = answer(await client.POST("/auth/login", { body: credentials }))
client.use({
  onRequest: ({ request }) => request.headers.set("Authorization", `Bearer ${accessToken}`)
})

const { items } = answer(await client.GET("/products", { params: { query: { inStock: true, limit: 1 } } }))
const [product] = items
if (product === undefined) throw new Error("The shop has nothing to sell")
console.log(`found: ${product.name}, ${product.price.amount} ${product.price.currency}`)

const order = (quantity: number) => ({ items: [{ productId: product.id, quantity }] })

const placed = await client.POST("/orders", {
  params: { header: { "idempotency-key": crypto.randomUUID() } },
  body: order(1)
})
const { id, total, status } = answer(placed)
console.log(`placed: ${total.amount} ${total.currency}, ${status}`)

const paid = answer(
  await client.POST("/orders/{id}/payments", {
    params: { path: { id } },
    body: { paymentMethod: "sim_approve" }
  })
)
console.log(`paid: ${paid.status}, the order is ${paid.orderStatus}`)

const { error } = await client.POST("/orders", { body: order(product.stock) })
if (error?.code !== "insufficient-stock") throw new Error("There cannot be as many left")
const [shortage] = error.shortages
console.log(`refused: ${shortage?.requested} asked for, ${shortage?.available} left`)
