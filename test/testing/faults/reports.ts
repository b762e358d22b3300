import { Effect } from "effect"
import { AnalyticsStore } from "../../../src/ports/AnalyticsStore.ts"
import { Auditor } from "../../../src/ports/Auditor.ts"
import { spoilt } from "../../support/spoilt.ts"
import type { Fault } from "./Fault.ts"

export const reportFaults: ReadonlyArray<Fault> = [
  {
    does: "counts an order that failed as a new one",
    stores: spoilt(AnalyticsStore, (store) => ({
      tallies: (period) =>
        Effect.map(store.tallies(period), (tallies) =>
          tallies.map((tally) => (tally.status === "FAILED" ? { ...tally, status: "CREATED" } : tally))
        )
    })),
    breaks: [
      "the tallies of a period come to the domain's summary of its orders, in every status and currency"
    ]
  },
  {
    does: "counts the end of a period in",
    stores: spoilt(AnalyticsStore, (store) => ({
      tallies: (period) =>
        store.tallies(period.to === undefined ? period : { ...period, to: new Date(period.to.getTime() + 1) })
    })),
    breaks: [
      "a period begins with its first millisecond and ends before its last, and counts when an order was placed"
    ]
  },
  {
    does: "takes today for the end that is absent",
    stores: spoilt(AnalyticsStore, (store) => ({
      tallies: (period) => store.tallies({ ...period, to: period.to ?? new Date() })
    })),
    breaks: ["an end that is absent is open"]
  },
  {
    does: "adds up amounts as floating-point numbers",
    stores: spoilt(AnalyticsStore, (store) => ({
      tallies: (period) =>
        Effect.map(store.tallies(period), ([first, ...rest]) => {
          if (first === undefined) return []
          const all = [first, ...rest]
          const amount = all.reduce((sum, tally) => sum + Number(tally.amount), 0)
          return [{ ...first, orders: all.length, amount: BigInt(amount) }]
        })
    })),
    breaks: ["sums are exact, however large"]
  },
  {
    does: "leaves a check out",
    stores: spoilt(Auditor, (auditor) => ({
      audit: (checking, most) =>
        auditor.audit((invariant) => (invariant === "payment" ? Effect.void : checking(invariant)), most)
    })),
    breaks: ["an audit checks every invariant, and finds each one kept"]
  }
]
