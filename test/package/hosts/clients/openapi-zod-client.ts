import { createApiClient } from "./client"
import { admin, baseUrl, bearer, conclude, customer, newCategory, newProduct, payment } from "./shop"

const api = createApiClient(baseUrl)

const optionsOf = async (body: typeof admin) => ({
  headers: bearer((await api["auth.login"](body)).accessToken)
})

const asAdmin = await optionsOf(admin)
const category = await api["catalog.createCategory"](newCategory, asAdmin)
const product = await api["catalog.createProduct"]({ ...newProduct, categoryId: category.id }, asAdmin)
await api["auth.register"](customer)
const options = await optionsOf(customer)
const order = await api["orders.place"]({ items: [{ productId: product.id, quantity: 2 }] }, options)
conclude(order, await api["orders.pay"](payment, { ...options, params: { id: order.id } }))
