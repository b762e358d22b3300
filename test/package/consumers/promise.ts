import { EmailTaken } from "effect-commerce"
import { type Commerce, createCommerce } from "effect-commerce/promise"

const commerce: Commerce = await createCommerce({
  database: { embedded: "memory" },
  auth: { bcryptCost: 4 }
})
const ada = { email: "ada@example.com", password: "battery staple" }
await commerce.accounts.register(ada)
const again: unknown = await commerce.accounts.register(ada).catch((error: unknown) => error)
console.log(again instanceof EmailTaken, (await commerce.verify()).ok)
await commerce.close()
