/**
 * Metrics of effect-commerce in Effect's metric registry. Exporters such as Prometheus and OTLP read them there.
 */
import { Effect, Metric } from "effect"

/**
 * Creates one time series per label value. Label values come from code, never from callers, which bounds their
 * number.
 */
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

/** Orders placed. Includes orders that a host's transaction rolled back later. */
export const ordersPlaced = Metric.counter("commerce_orders_placed_total", {
  description: "Orders placed",
  incremental: true
})

/** Orders refused, by the tag of the error: a refusal such as `InsufficientStock`, or `StoreUnavailable`. */
export const ordersRefused = labelled("reason", (attributes) =>
  Metric.counter("commerce_orders_refused_total", {
    description: "Requests to place an order that failed, by reason",
    incremental: true,
    attributes
  })
)

/** Payments by outcome: `APPROVED`, `DECLINED`, `CANCELLED`, or `PENDING` if the gateway did not answer in time. */
export const paymentsAnswered = labelled("outcome", (attributes) =>
  Metric.counter("commerce_payments_answered_total", {
    description: "Payments sent to the gateway, by outcome",
    incremental: true,
    attributes
  })
)

export const paymentsPending = Metric.gauge("commerce_payments_pending", {
  description: "Pending payments in the whole shop, counted up to 10000"
})

/** Attempts over the rate limit, by operation, such as `log in`. */
export const attemptsLimited = labelled("attempt", (attributes) =>
  Metric.counter("commerce_attempts_limited_total", {
    description: "Attempts refused by the rate limit",
    incremental: true,
    attributes
  })
)

export const batchSizes = labelled("work", (attributes) =>
  Metric.histogram("commerce_batch_size", {
    description: "Requests that one transaction executed together",
    boundaries: [1, 2, 4, 8, 16, 32, 64, 128],
    attributes
  })
)

export const callersWaiting = labelled("work", (attributes) =>
  Metric.gauge("commerce_callers_waiting", {
    description: "Requests that are queued for a batch",
    attributes
  })
)

/**
 * Work in progress, by `transaction` or `query`. A value above the pool size means that the rest waits for a
 * connection.
 */
export const databaseBusy = labelled("work", (attributes) =>
  Metric.gauge("commerce_database_busy", {
    description: "Transactions and queries that hold a connection of the pool or wait for one",
    attributes
  })
)

export const databasePool = Metric.gauge("commerce_database_pool", {
  description: "Maximum number of connections in the pool"
})

export const replicaLag = Metric.gauge("commerce_replica_lag_seconds", {
  description: "Age of the newest position of the primary that the replica has replayed"
})

export const replicaInUse = Metric.gauge("commerce_replica_in_use", {
  description: "1 if the replica may answer reads, 0 if it is left out"
})

/**
 * Reads that the replica may answer, by `answered_by`: `replica`, `primary` if the replica is left out or has not replayed enough, or
 * `primary_after_failure` if the replica has failed or did not know a position of the feed.
 */
export const replicaReads = labelled("answered_by", (attributes) =>
  Metric.counter("commerce_replica_reads_total", {
    description: "Reads that the replica may answer, by the server that has answered",
    incremental: true,
    attributes
  })
)

/** Returns a function that increments a gauge while an effect runs. */
export const whileCounted =
  (gauge: Metric.Gauge<number>) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiber(({ context }) => {
      let started = false
      const counted = Effect.suspend(() => {
        started = true
        gauge.modifyUnsafe(1, context)
        return work
      })
      return Effect.onExit(counted, () =>
        Effect.sync(() => {
          if (started) gauge.modifyUnsafe(-1, context)
        })
      )
    })
