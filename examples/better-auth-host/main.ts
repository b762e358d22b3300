import { createCommerce } from "effect-commerce/promise"
import { appOf, bySession } from "./app.ts"
import { openUsers } from "./users.ts"

const url = process.env.DATABASE_URL
const { auth, close } = await openUsers(url)
const commerce = await createCommerce({
  database: url === undefined ? { memory: true } : { url },
  auth: { authenticate: bySession(auth) },
  http: { basePath: "/shop" },
  payments: { gateway: "simulated" }
})
const app = appOf(auth, commerce)

/** Sends JSON, as a browser does that has these cookies. */
const ask = async (path: string, cookie: string, body?: object) => {
  const headers = { "Content-Type": "application/json", Origin: "http://localhost", cookie }
  const response = await app.request(path, {
    headers,
    ...(body && { method: "POST", body: JSON.stringify(body) })
  })
  const cookies = response.headers.getSetCookie().map((set) => set.split(";")[0])
  return { status: response.status, cookie: cookies.join("; "), body: await response.json() }
}

const password = "a long password"
const signUp = (name: string) =>
  ask("/api/auth/sign-up/email", "", { name, email: `${name}@example.com`, password })

await auth.api.createUser({ body: { name: "boss", email: "boss@example.com", password, role: "admin" } })
const boss = await ask("/api/auth/sign-in/email", "", { email: "boss@example.com", password })
const [ada, bob] = [await signUp("ada"), await signUp("bob")]

const category = await ask("/shop/categories", boss.cookie, { name: "Flowers" })
const price = { amount: 1200, currency: "EUR" }
const tulips = { categoryId: category.body.id, name: "Tulips", price, stock: 5 }
const product = await ask("/shop/products", boss.cookie, tulips)
console.log(
  `boss: ${category.status}, ${product.status}; ada may not: ${(await ask("/shop/products", ada.cookie, tulips)).status}`
)

const items = [{ productId: product.body.id, quantity: 2 }]
const order = await ask("/shop/orders", ada.cookie, { items })
const payment = await ask(`/shop/orders/${order.body.id}/payments`, ada.cookie, {
  paymentMethod: "sim_approve"
})
console.log(`ada: ${order.status} ${payment.body.orderStatus}, ${order.body.total.amount} EUR`)
console.log(`her customer id is her user id: ${order.body.customerId === ada.body.user.id}`)

const path = `/shop/orders/${order.body.id}`
const seen = [ada.cookie, boss.cookie, bob.cookie, ""].map(async (cookie) => (await ask(path, cookie)).status)
console.log(`ada, boss, bob, nobody: ${await Promise.all(seen)}`)

await ask("/api/auth/sign-out", ada.cookie, {})
console.log(
  `after signing out: ${(await ask(path, ada.cookie)).status}; /auth: ${(await ask("/shop/auth/me", boss.cookie)).status}`
)

await commerce.close()
await close()
