/** What a shop measures of itself, by Effect's `Metric`, for whoever reads its registry: Prometheus, OTLP, the host. */
import { Effect, Metric } from "effect"

/** One series per value of a label. The values come from the code, never from a caller, so that they are few. */
const labelled = <Series extends Metric.Metric<number, unknown>>(
  label: string,
  make: (labels: Readonly<Record<string, string>>) => Series
) => {
  const all = new Map<string, Series>()
  return (value: string): Series => {
    const known = all.get(value)
    if (known !== undefined) return known
    const series = make({ [label]: value })
    all.set(value, series)
    return series
  }
}

/** Also those that a host has placed in its transaction, and rolled back. */
export const ordersPlaced = Metric.counter("commerce_orders_placed_total", {
  description: "Orders placed",
  incremental: true
})

/** By the tag of the refusal, such as `InsufficientStock`; an outage too, which is `StoreUnavailable`. */
export const ordersRefused = labelled("reason", (attributes) =>
  Metric.counter("commerce_orders_refused_total", {
    description: "Orders asked for and not placed, by reason",
    incremental: true,
    attributes
  })
)

/** `APPROVED`, `DECLINED`, `CANCELLED`, or `PENDING` if the gateway did not answer in time. */
export const paymentsAnswered = labelled("outcome", (attributes) =>
  Metric.counter("commerce_payments_answered_total", {
    description: "Payments that the gateway was asked for, by its answer",
    incremental: true,
    attributes
  })
)

export const paymentsPending = Metric.gauge("commerce_payments_pending", {
  description: "Payments of which no outcome is known, in the whole shop, counted up to 10000"
})

/** By what was attempted, such as `log in`. */
export const attemptsLimited = labelled("attempt", (attributes) =>
  Metric.counter("commerce_attempts_limited_total", {
    description: "Attempts refused because there were too many of them",
    incremental: true,
    attributes
  })
)

export const batchSizes = labelled("work", (attributes) =>
  Metric.histogram("commerce_batch_size", {
    description: "Callers whose work went to the database in one transaction",
    boundaries: [1, 2, 4, 8, 16, 32, 64, 128],
    attributes
  })
)

export const callersWaiting = labelled("work", (attributes) =>
  Metric.gauge("commerce_callers_waiting", {
    description: "Callers that wait for their work to be done together with that of others",
    attributes
  })
)

/** By `transaction` or `query`. More than the pool has connections: the others wait for one. */
export const databaseBusy = labelled("work", (attributes) =>
  Metric.gauge("commerce_database_busy", {
    description: "Transactions and queries that have a connection of the pool, or wait for one",
    attributes
  })
)

export const databasePool = Metric.gauge("commerce_database_pool", {
  description: "Connections that the pool may have"
})

/** Counts with a gauge what is going on at this moment. */
export const whileCounted =
  (gauge: Metric.Gauge<number>) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiber(({ context }) => {
      let begun = false
      const counted = Effect.suspend(() => {
        begun = true
        gauge.modifyUnsafe(1, context)
        return work
      })
      return Effect.onExit(counted, () =>
        Effect.sync(() => {
          if (begun) gauge.modifyUnsafe(-1, context)
        })
      )
    })
