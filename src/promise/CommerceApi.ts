import { Context } from "effect"
import { Accounts } from "../services/Accounts.ts"
import { Analytics } from "../services/Analytics.ts"
import { Catalog } from "../services/Catalog.ts"
import type { Services } from "../services/Commerce.ts"
import { Orders } from "../services/Orders.ts"
import { Payments } from "../services/Payments.ts"
import { ServiceTokens } from "../services/ServiceTokens.ts"
import { Verification, type VerificationReport } from "../services/Verification.ts"
import { Vouchers } from "../services/Vouchers.ts"
import type { CallOptions, InFlightCalls } from "./InFlightCalls.ts"
import { type ErrorOf, type Promised, promised } from "./Promised.ts"

interface Served {
  readonly accounts: Accounts["Service"]
  readonly serviceTokens: ServiceTokens["Service"]
  readonly catalog: Catalog["Service"]
  readonly orders: Orders["Service"]
  readonly payments: Payments["Service"]
  readonly vouchers: Vouchers["Service"]
  readonly analytics: Analytics["Service"]
}

/** All services as promises. They trust their caller: the host decides who may call what. */
export interface CommerceApi extends Readonly<{ [Name in keyof Served]: Promised<Served[Name]> }> {
  /**
   * Checks every invariant on live data in one read-only snapshot. Lists up to `most` violations of each. Defaults
   * to 100.
   */
  readonly verify: (
    options?: { readonly most?: number | undefined },
    call?: CallOptions
  ) => Promise<VerificationReport>
}

/**
 * Type of the errors of a method, for example `Rejection<"orders", "place">`. Distinguish them by `_tag` after
 * `isCommerceError`: between bundles `instanceof` fails. Any other rejection is a defect.
 */
export type Rejection<Name extends keyof Served, Method extends keyof Served[Name]> = ErrorOf<
  Served[Name][Method]
>

/** Makes promises of all services. */
export const commerceApiOf = (services: Context.Context<Services>, calls: InFlightCalls): CommerceApi => {
  const { verify } = Context.get(services, Verification)
  return {
    accounts: promised(Context.get(services, Accounts), calls),
    serviceTokens: promised(Context.get(services, ServiceTokens), calls),
    catalog: promised(Context.get(services, Catalog), calls),
    orders: promised(Context.get(services, Orders), calls),
    payments: promised(Context.get(services, Payments), calls),
    vouchers: promised(Context.get(services, Vouchers), calls),
    analytics: promised(Context.get(services, Analytics), calls),
    verify: ({ most } = {}, call) => calls.run(verify({ most }), call?.signal)
  }
}
