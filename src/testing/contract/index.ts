/**
 * The laws of all storage adapters, by port.
 *
 * Each law is an Effect that requires the stores and fails with `LawBroken`. Run them with any test runner,
 * sequentially or on several stores in parallel.
 */
import { Effect } from "effect"
import { invariants } from "../../domain/operations/Invariants.ts"
import { IntegrityChecker } from "../../ports/IntegrityChecker.ts"
import { StoreHealth } from "../../ports/Stores.ts"
import { accountListingLaws } from "./accounts/AccountListing.ts"
import { lockingLaws } from "./accounts/AccountLocking.ts"
import { accountLaws } from "./accounts/Accounts.ts"
import { resetLaws } from "./accounts/PasswordResets.ts"
import { serviceTokenLaws } from "./accounts/ServiceTokens.ts"
import { sessionLaws } from "./accounts/Sessions.ts"
import { analyticsLaws } from "./analytics/Analytics.ts"
import { categoryLaws } from "./catalog/Categories.ts"
import { productListingLaws } from "./catalog/ProductListing.ts"
import { productLaws } from "./catalog/Products.ts"
import { stockLaws } from "./catalog/Stock.ts"
import { idempotencyLaws } from "./idempotency/Idempotency.ts"
import { keyLaws } from "./idempotency/Keys.ts"
import { type Law, law, same } from "./Law.ts"
import { storedDataLaws } from "./operations/StoredData.ts"
import { advancingLaws } from "./orders/AdvanceOrder.ts"
import { expiringLaws } from "./orders/ExpireOrder.ts"
import { feedLaws } from "./orders/Feed.ts"
import { fulfillingLaws } from "./orders/Fulfilment.ts"
import { orderListingLaws } from "./orders/OrderListing.ts"
import { placingLaws } from "./orders/PlaceOrder.ts"
import { racingLaws } from "./orders/Racing.ts"
import { stageLaws } from "./orders/Stages.ts"
import { leasingLaws } from "./payments/Leasing.ts"
import { operationLaws } from "./payments/Operations.ts"
import { payingLaws } from "./payments/Paying.ts"
import { recordingLaws } from "./payments/Recording.ts"
import { adjustmentLaws } from "./pricing/Adjustments.ts"
import { voucherLaws } from "./pricing/Vouchers.ts"

export { type Law, LawBroken, Seed } from "./Law.ts"
export { hookLaws } from "./orders/BeforeCommit.ts"
export { scriptedHook } from "./ScriptedHook.ts"

const auditLaws: ReadonlyArray<Law> = [
  law(
    "an integrity check covers every invariant and finds no violation",
    Effect.gen(function* () {
      const checker = yield* IntegrityChecker
      const checked: Array<string> = []
      const found = yield* checker.check((invariant) => Effect.sync(() => checked.push(invariant)), 100)
      // Laws begin payments and operations at times of their own, which are long ago for the store.
      const violations = found.filter(({ invariant }) => invariant !== "outcome")
      yield* same(
        { violations, checked: checked.sort() },
        { violations: [], checked: Object.keys(invariants).sort() }
      )
    })
  )
]

const healthLaws: ReadonlyArray<Law> = [
  law(
    "an available store is healthy",
    StoreHealth.use((health) => health.check)
  )
]

/** Laws by topic, for adapters that replace a single port. */
export const suites = {
  health: healthLaws,
  accounts: accountLaws,
  sessions: sessionLaws,
  locking: lockingLaws,
  accountListing: accountListingLaws,
  resets: resetLaws,
  serviceTokens: serviceTokenLaws,
  categories: categoryLaws,
  products: productLaws,
  stock: stockLaws,
  productListing: productListingLaws,
  placing: placingLaws,
  adjustments: adjustmentLaws,
  vouchers: voucherLaws,
  advancing: advancingLaws,
  orderListing: orderListingLaws,
  expiring: expiringLaws,
  fulfilling: fulfillingLaws,
  stages: stageLaws,
  feed: feedLaws,
  paying: payingLaws,
  recording: recordingLaws,
  leasing: leasingLaws,
  operations: operationLaws,
  racing: racingLaws,
  idempotency: idempotencyLaws,
  keys: keyLaws,
  analytics: analyticsLaws,
  storedData: storedDataLaws,
  audit: auditLaws
} as const satisfies Record<string, ReadonlyArray<Law>>

/** All laws. The integrity check comes last, since it examines the data of the other laws. */
export const laws: ReadonlyArray<Law> = Object.values(suites).flat()
