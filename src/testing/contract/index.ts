/**
 * What every storage adapter must do, port by port. Each law is an Effect that needs the stores and fails with
 * `LawBroken`; run them with any test runner, one after the other or on several stores at once.
 */
import { Effect } from "effect"
import { invariants } from "../../domain/Invariants.ts"
import { Auditor } from "../../ports/Auditor.ts"
import { StoreHealth } from "../../ports/Store.ts"
import { accountLaws } from "./Accounts.ts"
import { advancingLaws } from "./Advancing.ts"
import { analyticsLaws } from "./Analytics.ts"
import { categoryLaws } from "./Categories.ts"
import { expiringLaws } from "./Expiring.ts"
import { feedLaws } from "./Feed.ts"
import { idempotencyLaws } from "./Idempotency.ts"
import { keyLaws } from "./Keys.ts"
import { type Law, law, same } from "./Law.ts"
import { leasingLaws } from "./Leasing.ts"
import { lockingLaws } from "./Locking.ts"
import { orderListingLaws } from "./OrderListing.ts"
import { payingLaws } from "./Paying.ts"
import { placingLaws } from "./Placing.ts"
import { productListingLaws } from "./ProductListing.ts"
import { productLaws } from "./Products.ts"
import { racingLaws } from "./Racing.ts"
import { recordingLaws } from "./Recording.ts"
import { sessionLaws } from "./Sessions.ts"
import { stockLaws } from "./Stock.ts"

export { type Law, LawBroken, Seed } from "./Law.ts"

const auditLaws: ReadonlyArray<Law> = [
  law(
    "an audit checks every invariant, and finds each one kept",
    Effect.gen(function* () {
      const auditor = yield* Auditor
      const checked: Array<string> = []
      const violations = yield* auditor.audit((invariant) => Effect.sync(() => checked.push(invariant)), 100)
      yield* same(
        { violations, checked: checked.sort() },
        { violations: [], checked: Object.keys(invariants).sort() }
      )
    })
  )
]

const healthLaws: ReadonlyArray<Law> = [
  law(
    "a store that can answer is healthy",
    StoreHealth.use((health) => health.check)
  )
]

/** The laws by what they are about, for an adapter that replaces one port and leaves the others to another one. */
export const suites = {
  health: healthLaws,
  accounts: accountLaws,
  sessions: sessionLaws,
  locking: lockingLaws,
  categories: categoryLaws,
  products: productLaws,
  stock: stockLaws,
  productListing: productListingLaws,
  placing: placingLaws,
  advancing: advancingLaws,
  orderListing: orderListingLaws,
  expiring: expiringLaws,
  feed: feedLaws,
  paying: payingLaws,
  recording: recordingLaws,
  leasing: leasingLaws,
  racing: racingLaws,
  idempotency: idempotencyLaws,
  keys: keyLaws,
  analytics: analyticsLaws,
  audit: auditLaws
} as const satisfies Record<string, ReadonlyArray<Law>>

/** The laws of all suites. The audit comes last, since it looks at what the others have left. */
export const laws: ReadonlyArray<Law> = Object.values(suites).flat()
