import {
  authLogin,
  authRegister,
  catalogCreateCategory,
  catalogCreateProduct,
  ordersPay,
  ordersPlace
} from "./client"
import { admin, bearer, conclude, customer, newCategory, newProduct, payment } from "./shop"
import { OrdersPlaceBody, OrdersPlaceResponse } from "./zod"

/** Returns the data of an answer, and fails with its problem. */
const data = <A extends { readonly status: number; readonly data: unknown }, S extends A["status"]>(
  answer: A,
  status: S
): Extract<A, { readonly status: S }>["data"] => {
  if (answer.status !== status) throw new Error(JSON.stringify(answer))
  return (answer as Extract<A, { readonly status: S }>).data
}

const optionsOf = async (body: typeof admin) => ({
  headers: bearer(data(await authLogin(body), 200).accessToken)
})

const asAdmin = await optionsOf(admin)
const category = data(await catalogCreateCategory(newCategory, asAdmin), 201)
const product = data(await catalogCreateProduct({ ...newProduct, categoryId: category.id }, asAdmin), 201)
data(await authRegister(customer), 201)
const options = await optionsOf(customer)
const body = OrdersPlaceBody.parse({ items: [{ productId: product.id, quantity: 2 }] })
const order = OrdersPlaceResponse.parse(data(await ordersPlace(body, options), 201))
conclude(order, data(await ordersPay(order.id, payment, options), 201))
