import { createCommerce } from "effect-commerce/promise"

export const commerce = await createCommerce({
  database: { memory: true },
  http: { basePath: "/shop" },
  payments: { gateway: "simulated" }
})
const { id: categoryId } = await commerce.catalog.createCategory({ name: "Kitchen" })
const price = { amount: 900, currency: "EUR" }
await commerce.catalog.createProduct({ categoryId, name: "Mug", price, stock: 100 })
