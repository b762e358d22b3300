/** A primary and its streaming standby, which a shop reads. */
import { Context, Effect, Layer, Metric, Redacted, type Scope } from "effect"
import {
  layer,
  layerClient,
  layerReplica,
  type ReplicaSettings
} from "../../../src/adapters/postgres/index.ts"
import { AnalyticsStore } from "../../../src/ports/AnalyticsStore.ts"
import { CatalogStore } from "../../../src/ports/CatalogStore.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { ReadPreference, Replication, type ReplicationState } from "../../../src/ports/ReadPreference.ts"
import { type PostgresServer, primary, type Settings, standbyOf, until } from "../PostgresServer.ts"
import { migrated } from "../support.ts"

/** A standby has everything that its primary has written. */
export const caughtUp = "SELECT bool_and(replay_lsn = pg_current_wal_lsn()) FROM pg_stat_replication"

/** The standby shows each commit a second after it. */
export const lagging: Settings = { recovery_min_apply_delay: "1s" }

export interface Pair {
  readonly server: PostgresServer
  readonly standby: PostgresServer
}

/** A migrated primary, and a standby with these settings. */
export const pair = Effect.fnUntraced(function* (
  settings: Settings = {}
): Effect.fn.Return<Pair, never, Scope.Scope> {
  const server = yield* primary({ max_standby_streaming_delay: "2s" })
  yield* migrated(server.url)
  const standby = yield* standbyOf(server, settings)
  yield* Effect.promise(() => until(server, caughtUp, "t"))
  return { server, standby }
})

/** All stores on a primary that read at its standby where they may. */
export const storesOn = ({ server, standby }: Pair, settings: Partial<ReplicaSettings> = {}) =>
  layer().pipe(
    Layer.provide(layerReplica({ url: standby.url, ...settings })),
    Layer.provideMerge(layerClient({ url: server.url })),
    Layer.fresh
  )

/** The same reads, each of which may be answered by a replica that has all that was written before. */
const afterOwnWrites = <Reads extends object>({ position }: ReplicationState, reads: Reads): Reads =>
  Object.fromEntries(
    Object.entries(reads).map(([name, read]) => [
      name,
      (...args: ReadonlyArray<unknown>) =>
        Effect.flatMap(position, (replicaAfter) =>
          Effect.provideService(read(...args), ReadPreference, { replicaAfter })
        )
    ])
  ) as Reads

/** Stores whose reads may all be answered by a replica that has all that was written before. */
export const readingOwnWrites = Layer.effectContext(
  Effect.gen(function* () {
    const replication = yield* Replication
    const [catalog, orders, analytics] = [yield* CatalogStore, yield* OrderStore, yield* AnalyticsStore]
    const { categories, product, products, productsUnlessKnown } = catalog as Required<typeof catalog>
    const { list, feed } = orders
    return Context.make(CatalogStore, {
      ...catalog,
      ...afterOwnWrites(replication, { categories, product, products, productsUnlessKnown })
    }).pipe(
      Context.add(OrderStore, { ...orders, ...afterOwnWrites(replication, { list, feed }) }),
      Context.add(AnalyticsStore, afterOwnWrites(replication, analytics))
    )
  })
)

export type AnsweredBy = "replica" | "primary" | "primary_after_failure"

/** How many reads each server has answered. */
export const answered = Effect.map(Metric.snapshot, (metrics) => {
  const of = (by: AnsweredBy): number => {
    const found = metrics.find(
      ({ id, attributes }) => id === "commerce_replica_reads_total" && attributes?.answered_by === by
    )
    return found === undefined ? 0 : Number((found.state as { count: number | bigint }).count)
  }
  return { replica: of("replica"), primary: of("primary"), afterFailure: of("primary_after_failure") }
})

export const gaugeOf = (name: string) =>
  Effect.map(Metric.snapshot, (metrics) => {
    const found = metrics.find(({ id }) => id === name)
    return found === undefined ? undefined : Number((found.state as { value: number | bigint }).value)
  })

export const urlText = ({ url }: PostgresServer) => Redacted.value(url)
