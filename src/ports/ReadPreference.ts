import { Context, Effect } from "effect"
import { firstPosition, type LogPosition } from "../domain/shared/LogPosition.ts"
import type { StoreUnavailable } from "./errors.ts"

/**
 * Which server may answer a read.
 *
 * - `primary`: the server that accepts changes. The read sees all changes that were answered before.
 * - `replica`: also a replica that lags no more than its bound.
 * - `{ replicaAfter }`: also such a replica, once it has all changes before this position.
 */
export type ReadPreference = "primary" | "replica" | { readonly replicaAfter: LogPosition }

/**
 * Which server may answer the reads of this fiber that are offered to replicas: products, categories, lists of orders, the feed and
 * analytics. Whatever it is, a read in a transaction stays there, and the primary answers what no replica can. Defaults to `primary`.
 */
export const ReadPreference = Context.Reference<ReadPreference>("effect-commerce/ports/ReadPreference", {
  defaultValue: () => "primary"
})

/** What is known of the copies of the data. */
export interface ReplicationState {
  /** Whether reads may be answered by a replica. */
  readonly hasReplica: boolean
  /** Reads the present position of the primary: all changes that were answered before lie before it. */
  readonly position: Effect.Effect<LogPosition, StoreUnavailable>
}

/** The copies of the data that a storage adapter reads. Defaults to none, as for data in memory. */
export const Replication = Context.Reference<ReplicationState>("effect-commerce/ports/Replication", {
  defaultValue: () => ({ hasReplica: false, position: Effect.succeed(firstPosition) })
})
