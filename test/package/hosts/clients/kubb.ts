import {
  authLogin,
  authRegister,
  catalogCreateCategory,
  catalogCreateProduct,
  ordersPay,
  ordersPlace
} from "./client"
import { setConfig } from "./client/.kubb/fetch"
import { admin, baseUrl, bearer, conclude, customer, newCategory, newProduct, payment } from "./shop"

// Its client sends JSON without saying so.
setConfig({ baseURL: baseUrl, headers: { "content-type": "application/json" } })

const headersOf = async (body: typeof admin) => bearer((await authLogin(body)).accessToken)

const asAdmin = { headers: await headersOf(admin) }
const category = await catalogCreateCategory(newCategory, asAdmin)
const product = await catalogCreateProduct({ ...newProduct, categoryId: category.id }, undefined, asAdmin)
await authRegister(customer)
const asCustomer = { headers: await headersOf(customer) }
const items = [{ productId: product.id, quantity: 2 }]
const order = await ordersPlace({ items }, undefined, asCustomer)
conclude(order, await ordersPay(order.id, payment, undefined, asCustomer))
