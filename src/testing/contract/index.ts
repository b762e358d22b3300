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
import { orderListingLaws } from "./OrderListing.ts"
import { payingLaws } from "./Paying.ts"
import { placingLaws } from "./Placing.ts"
import { productListingLaws } from "./ProductListing.ts"
import { productLaws } from "./Products.ts"
import { racingLaws } from "./Racing.ts"
import { recordingLaws } from "./Recording.ts"
import { stockLaws } from "./Stock.ts"

export { type Law, LawBroken, Seed } from "./Law.ts"

/** Last of all, since it looks at what the other laws have left. */
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

export const laws: ReadonlyArray<Law> = [
  ...healthLaws,
  ...accountLaws,
  ...categoryLaws,
  ...productLaws,
  ...stockLaws,
  ...productListingLaws,
  ...placingLaws,
  ...advancingLaws,
  ...orderListingLaws,
  ...expiringLaws,
  ...feedLaws,
  ...payingLaws,
  ...recordingLaws,
  ...leasingLaws,
  ...racingLaws,
  ...idempotencyLaws,
  ...keyLaws,
  ...analyticsLaws,
  ...auditLaws
]
