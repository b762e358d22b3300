import { type PricingFunction, vouchersOnly } from "../domain/pricing/Pricing.ts"

/** Milliseconds after which an answer of pricing is refused: it holds up every request of the process. */
const maxPricingMillis = 1000

/**
 * Makes slow pricing throw, which is a defect. A synchronous function cannot be interrupted, so this only keeps a shop from
 * going unnoticed with it.
 */
export const bounded = (price: PricingFunction): PricingFunction =>
  price === vouchersOnly
    ? price
    : (basket) => {
        const start = performance.now()
        const answer = price(basket)
        const millis = performance.now() - start
        if (millis <= maxPricingMillis) return answer
        throw new Error(
          `Pricing took ${Math.round(millis)} ms. It must answer within ${maxPricingMillis} ms, without waiting for anything`
        )
      }
