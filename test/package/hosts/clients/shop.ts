/** What each generated client does: an admin adds a mug, a customer orders it and pays. */
export const baseUrl = process.env.API_URL ?? ""
export const admin = { email: "admin@example.com", password: "battery staple horse" }
export const customer = { email: `${crypto.randomUUID()}@example.com`, password: "battery staple" }
export const newCategory = { name: `Cups {p} of Cs ${crypto.randomUUID()}` }
export const newProduct = {
  name: "Mug 🛒",
  sku: `MUG-${crypto.randomUUID()}`,
  price: { amount: 1999, currency: "USD" as const },
  stock: 5
}
export const payment = { paymentMethod: "sim_approve" }
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Says that the order is paid, and that its date and its items are what the client's types say. */
export const conclude = (
  order: { readonly createdAt: string; readonly items: ReadonlyArray<{ readonly quantity: number }> },
  paid: { readonly orderStatus?: string }
) => {
  const units = order.items.map(({ quantity }) => quantity).reduce((sum, quantity) => sum + quantity, 0)
  console.log(
    `${units} ${paid.orderStatus} ${Number.isNaN(Date.parse(order.createdAt)) ? "undated" : "dated"}`
  )
}
