import { createCommerce } from "effect-commerce/promise"

const { SHOP_URL: url } = process.env

const open = () =>
  createCommerce({
    database: url ? { url, pool: 2 } : { embedded: "memory" },
    auth: { jwtSecret: "at least thirty-two bytes, from a vault", bcryptCost: 4 },
    payments: { gateway: "simulated" },
    http: { basePath: "/shop" }
  })

/** Next bundles each route apart, so the shop that they share is global. */
const shared: { commerce?: ReturnType<typeof open> } = globalThis as object

export const commerce = () => {
  shared.commerce ??= open()
  return shared.commerce
}
