import type { Duration } from "effect"
import { Layer } from "effect"
import type { PasswordHasher } from "../ports/PasswordHasher.ts"
import type { PaymentGateway } from "../ports/PaymentGateway.ts"
import type { Stores } from "../ports/Stores.ts"
import type { TokenIssuer } from "../ports/TokenIssuer.ts"
import { Accounts } from "./Accounts.ts"
import { Analytics } from "./Analytics.ts"
import { Catalog } from "./Catalog.ts"
import * as Maintenance from "./Maintenance.ts"
import { Orders } from "./Orders.ts"
import { Payments } from "./Payments.ts"
import { Verification } from "./Verification.ts"

/** All that `layer` provides. */
export type Services = Accounts | Catalog | Orders | Payments | Analytics | Verification

/** How long things may take, be kept, or wait; there is a default for all of it. */
export interface CommerceSettings extends Maintenance.MaintenanceSettings {
  /** How long a login can be refreshed; 30 days if absent. */
  readonly refreshTokenTtl?: Duration.Input | undefined
  /** How long the gateway may take before a payment is left `PENDING`; 10 seconds if absent. */
  readonly gatewayTimeout?: Duration.Input | undefined
}

type Ports = Stores | PasswordHasher | TokenIssuer | PaymentGateway

/** All services over the ports, without their maintenance. */
export const layerServices = (settings: CommerceSettings = {}): Layer.Layer<Services, never, Ports> =>
  Layer.mergeAll(
    Accounts.layer(settings),
    Catalog.layer,
    Orders.layer,
    Payments.layer(settings),
    Analytics.layer,
    Verification.layer
  )

/**
 * All services over the ports, with their maintenance: give it a storage adapter, a hasher, a token issuer and a
 * gateway.
 */
export const layer = (settings: CommerceSettings = {}): Layer.Layer<Services, never, Ports> =>
  Layer.provideMerge(Maintenance.layer(settings), layerServices(settings))
