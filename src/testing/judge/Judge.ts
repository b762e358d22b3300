import { Effect } from "effect"
import { evidenceOf } from "./Evidence.ts"
import { type FinalState, type FinalStateSettings, readFinalState } from "./FinalState.ts"
import type { Finding } from "./Finding.ts"
import type { History } from "./History.ts"
import { durability } from "./rules/Durability.ts"
import { feed } from "./rules/Feed.ts"
import { idempotency } from "./rules/Idempotency.ts"
import { recency } from "./rules/Recency.ts"
import { refusal } from "./rules/Refusal.ts"
import { stock } from "./rules/Stock.ts"
import type { ShopUnderTest } from "./ShopUnderTest.ts"

const firstOfEach = (findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> => {
  const seen = new Set<string>()
  return findings.filter(({ rule, id }) => {
    const isNew = !seen.has(`${rule} ${id}`)
    seen.add(`${rule} ${id}`)
    return isNew
  })
}

/** How to judge. */
export interface JudgeSettings {
  /**
   * Maximum difference between the clocks of the recorders, in milliseconds. A call counts as later than another only if it is later
   * by more. Defaults to 0, for recorders on one machine.
   */
  readonly clockTolerance?: number | undefined
}

/**
 * Compares a history with what the shop has after it. Returns one finding for each broken rule and id, and none if everything that
 * was answered is true.
 *
 * The customers, products and orders of the history must be its own: what others do with them would be a finding.
 */
export const judge = (
  history: History,
  final: FinalState,
  { clockTolerance }: JudgeSettings = {}
): ReadonlyArray<Finding> => {
  const evidence = evidenceOf(history, clockTolerance)
  return firstOfEach([
    ...durability(evidence, final),
    ...refusal(evidence, final),
    ...idempotency(evidence),
    ...stock(evidence, final),
    ...recency(evidence),
    ...feed(evidence, final),
    ...final.violations.map(({ invariant, id, detail }) => ({
      rule: "invariant" as const,
      id,
      detail: `${invariant}: ${detail}`
    }))
  ])
}

/** Reads what the shop has, and judges it. Fails with the error of any call. */
export const judgeShop = (
  history: History,
  shop: ShopUnderTest,
  settings?: FinalStateSettings & JudgeSettings
): Effect.Effect<ReadonlyArray<Finding>, unknown> =>
  Effect.map(readFinalState(history, shop, settings), (final) => judge(history, final, settings))
