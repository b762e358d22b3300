import { commerce } from "../../commerce"

/** Adds a mug to the shop, and answers with its id. */
export const POST = async () => {
  const { catalog } = await commerce()
  const { id: categoryId } = await catalog.createCategory({ name: crypto.randomUUID() })
  const price = { amount: 1999, currency: "USD" }
  const mug = await catalog.createProduct({ categoryId, name: "Mug", price, stock: 5 })
  return Response.json({ productId: mug.id })
}
