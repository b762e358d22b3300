import { accountFaults } from "./accounts.ts"
import { catalogFaults, stockFaults } from "./catalog.ts"
import type { Fault } from "./Fault.ts"
import { hookFaults } from "./hook.ts"
import { keyFaults } from "./keys.ts"
import { managingFaults } from "./managing.ts"
import { operationFaults } from "./operations.ts"
import { orderFaults, placingFaults } from "./orders.ts"
import { paymentFaults } from "./payments.ts"
import { pricingFaults } from "./pricing.ts"
import { reportFaults } from "./reports.ts"
import { sessionFaults } from "./sessions.ts"

/** Enough faults that every law finds one. */
export const faults: ReadonlyArray<Fault> = [
  ...accountFaults,
  ...sessionFaults,
  ...managingFaults,
  ...catalogFaults,
  ...stockFaults,
  ...placingFaults,
  ...orderFaults,
  ...operationFaults,
  ...paymentFaults,
  ...pricingFaults,
  ...keyFaults,
  ...hookFaults,
  ...reportFaults
]
