import { SQL } from "bun"
import { createCommerce, fromBunSql } from "effect-commerce/promise"

const [url, jwtSecret] = [process.env.DATABASE_URL ?? "", "at least thirty-two bytes, from a vault"]
const { catalog, close, within } = await createCommerce({ database: { url }, auth: { jwtSecret } })
const { id: categoryId } = await catalog.createCategory({ name: "Flowers" })
const price = { amount: 1200, currency: "EUR" }
const { id: productId } = await catalog.createProduct({ categoryId, name: "Tulips", price, stock: 5 })

const sql = new SQL(url)
const draft = { customerId: "user_2abc", items: [{ productId, quantity: 2 }] }
await sql.begin((tx) => within(fromBunSql(tx), ({ orders }) => orders.place(draft)))
await sql.close()
await close()
