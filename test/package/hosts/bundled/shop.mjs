/** A host that sells one mug and registers one account. Says what came of both. */
import { createCommerce } from "effect-commerce/promise"

const { SHOP_URL: url } = process.env

const outcome = (promise, done) => promise.then(done, ({ message }) => message)

const open = () =>
  createCommerce({
    database: url ? { url, pool: 2 } : { embedded: "memory" },
    auth: { jwtSecret: "at least thirty-two bytes, from a vault", bcryptCost: 4 }
  })

const sellWith = async ({ catalog, orders, accounts, close }) => {
  const { id: categoryId } = await catalog.createCategory({ name: crypto.randomUUID() })
  const price = { amount: 1999, currency: "USD" }
  const mug = await catalog.createProduct({ categoryId, name: "Mug", price, stock: 1 })
  const items = [{ productId: mug.id, quantity: 1 }]
  const { status } = await orders.place({ customerId: "user_2abc", items })
  const email = `${crypto.randomUUID()}@example.com`
  const account = await outcome(accounts.register({ email, password: "battery staple" }), ({ role }) => role)
  await close()
  return `${status}, ${account}`
}

export const sell = () => outcome(open().then(sellWith), (said) => said)
