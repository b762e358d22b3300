import { createApiClient } from "./client"
import { admin, baseUrl, bearer, conclude, customer, newCategory, newProduct, payment } from "./shop"

const api = createApiClient(baseUrl)

const optionsOf = async (body: typeof admin) => ({
  headers: bearer((await api.authLogin(body)).accessToken)
})

const asAdmin = await optionsOf(admin)
const category = await api.catalogCreateCategory(newCategory, asAdmin)
const product = await api.catalogCreateProduct({ ...newProduct, categoryId: category.id }, asAdmin)
await api.authRegister(customer)
const options = await optionsOf(customer)
const order = await api.ordersPlace({ items: [{ productId: product.id, quantity: 2 }] }, options)
conclude(order, await api.ordersPay(payment, { ...options, params: { id: order.id } }))
