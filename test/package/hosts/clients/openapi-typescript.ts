import createClient from "openapi-fetch"
import type { paths } from "./client"
import { admin, baseUrl, bearer, conclude, customer, newCategory, newProduct, payment } from "./shop"

const api = createClient<paths>({ baseUrl })

/** Returns the data of an answer, and fails with its problem. */
const data = <A>({ data, error }: { data?: A; error?: unknown }): A => {
  if (data === undefined) throw new Error(JSON.stringify(error))
  return data
}

const headersOf = async (body: typeof admin) =>
  bearer(data(await api.POST("/auth/login", { body })).accessToken)

const asAdmin = await headersOf(admin)
const category = data(await api.POST("/categories", { body: newCategory, headers: asAdmin }))
const product = data(
  await api.POST("/products", { body: { ...newProduct, categoryId: category.id }, headers: asAdmin })
)
data(await api.POST("/auth/register", { body: customer }))
const headers = await headersOf(customer)
const order = data(
  await api.POST("/orders", { body: { items: [{ productId: product.id, quantity: 2 }] }, headers })
)
const path = { id: order.id }
conclude(order, data(await api.POST("/orders/{id}/payments", { params: { path }, body: payment, headers })))
