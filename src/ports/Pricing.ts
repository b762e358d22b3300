import { Context } from "effect"
import { type PricingFunction, vouchersOnly } from "../domain/pricing/Pricing.ts"

/**
 * The pricing of the shop, which `Orders.layer` reads when it is built. Provide it with `Layer.succeed(Pricing, …)`. Defaults
 * to no adjustments but the vouchers that customers name.
 */
export const Pricing = Context.Reference<PricingFunction>("effect-commerce/ports/Pricing", {
  defaultValue: () => vouchersOnly
})
