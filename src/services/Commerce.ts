import { Layer } from "effect"
import type { PasswordHasher } from "../ports/PasswordHasher.ts"
import type { PaymentGateway } from "../ports/PaymentGateway.ts"
import type { Stores } from "../ports/Stores.ts"
import type { TokenIssuer } from "../ports/TokenIssuer.ts"
import type { AuthSettings } from "../settings/AuthSettings.ts"
import type { MaintenanceSettings } from "../settings/MaintenanceSettings.ts"
import type { PaymentsSettings } from "../settings/PaymentsSettings.ts"
import { Accounts } from "./Accounts.ts"
import { Analytics } from "./Analytics.ts"
import { Catalog } from "./Catalog.ts"
import * as Maintenance from "./Maintenance.ts"
import { Orders } from "./Orders.ts"
import { Payments } from "./Payments.ts"
import { ServiceTokens } from "./ServiceTokens.ts"
import { Verification } from "./Verification.ts"
import { Vouchers } from "./Vouchers.ts"

/** All that `layer` provides. */
export type Services =
  | Accounts
  | ServiceTokens
  | Catalog
  | Orders
  | Payments
  | Vouchers
  | Analytics
  | Verification

/** The settings of the services, in groups. Every setting has a default. */
export interface CommerceSettings {
  /** Sessions, and resets of passwords. */
  readonly auth?: Pick<AuthSettings, "refreshTokenTtl" | "passwordResetTtl"> | undefined
  /** Payments. */
  readonly payments?: PaymentsSettings | undefined
  /** The work that a shop does by itself. */
  readonly maintenance?: MaintenanceSettings | undefined
}

type Ports = Stores | PasswordHasher | TokenIssuer | PaymentGateway

/** All services over the ports, without their maintenance. */
export const layerServices = (settings: CommerceSettings = {}): Layer.Layer<Services, never, Ports> =>
  Layer.mergeAll(
    Accounts.layer(settings.auth),
    ServiceTokens.layer,
    Catalog.layer,
    // Orders ask the gateway for what a cancellation refunds.
    Layer.provideMerge(Orders.layer, Payments.layer(settings.payments)),
    Vouchers.layer,
    Analytics.layer,
    Verification.layer
  )

/**
 * All services over the ports, with their maintenance: give it a storage adapter, a hasher, a token issuer and a
 * gateway.
 */
export const layer = (settings: CommerceSettings = {}): Layer.Layer<Services, never, Ports> =>
  Layer.provideMerge(Maintenance.layer(settings.maintenance), layerServices(settings))
