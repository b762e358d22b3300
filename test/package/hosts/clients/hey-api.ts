import {
  authLogin,
  authRegister,
  catalogCreateCategory,
  catalogCreateProduct,
  ordersPay,
  ordersPlace
} from "./client"
import { client } from "./client/client.gen"
import { admin, baseUrl, bearer, conclude, customer, newCategory, newProduct, payment } from "./shop"

client.setConfig({ baseUrl, throwOnError: true })
const throwOnError = true

const headersOf = async (body: typeof admin) =>
  bearer((await authLogin({ body, throwOnError })).data.accessToken)

const asAdmin = await headersOf(admin)
const { data: category } = await catalogCreateCategory({ body: newCategory, headers: asAdmin, throwOnError })
const { data: product } = await catalogCreateProduct({
  body: { ...newProduct, categoryId: category.id },
  headers: asAdmin,
  throwOnError
})
await authRegister({ body: customer, throwOnError })
const headers = await headersOf(customer)
const items = [{ productId: product.id, quantity: 2 }] satisfies [unknown]
const { data: order } = await ordersPlace({ body: { items }, headers, throwOnError })
const { data: paid } = await ordersPay({ path: { id: order.id }, body: payment, headers, throwOnError })
conclude(order, paid)
