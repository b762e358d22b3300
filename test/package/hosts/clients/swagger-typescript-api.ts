import { Api } from "./client"
import { admin, baseUrl, bearer, conclude, customer, newCategory, newProduct, payment } from "./shop"

const api = new Api({ baseUrl })

const paramsOf = async (body: typeof admin) => ({
  headers: bearer((await api.auth.authLogin(body)).data.accessToken)
})

const asAdmin = await paramsOf(admin)
const { data: category } = await api.categories.catalogCreateCategory(newCategory, asAdmin)
const { data: product } = await api.products.catalogCreateProduct(
  { ...newProduct, categoryId: category.id },
  asAdmin
)
await api.auth.authRegister(customer)
const params = await paramsOf(customer)
const { data: order } = await api.orders.ordersPlace(
  { items: [{ productId: product.id, quantity: 2 }] },
  params
)
conclude(order, (await api.orders.ordersPay(order.id, payment, params)).data)
