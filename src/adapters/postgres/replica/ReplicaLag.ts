/** How far a replica is behind its primary, in time: pure decisions on positions that were read at known times. */

/** A position of the primary. */
interface PrimarySample {
  /** Bytes of the log before it. */
  readonly offset: bigint
  /** A time in milliseconds before which all changes lie before the position. */
  readonly at: number
}

/** What is known of a replica. */
export interface ReplicaLag {
  /** Samples that the replica has not replayed yet, oldest first. */
  readonly pending: ReadonlyArray<PrimarySample>
  /** The time of the newest sample that the replica has replayed. */
  readonly caughtUpAt: number | undefined
}

export const unknownLag: ReplicaLag = { pending: [], caughtUpAt: undefined }

/** Samples of some minutes. Of a replica that is further behind, the lag may seem longer than it is, never shorter. */
export const maxPending = 1_000

/** Adds a sample of the primary. A primary whose log is shorter than before is another one: what was known is forgotten. */
export const observePrimary = (lag: ReplicaLag, sample: PrimarySample): ReplicaLag => {
  const last = lag.pending.at(-1)
  if (last !== undefined && sample.offset < last.offset) return { pending: [sample], caughtUpAt: undefined }
  return lag.pending.length < maxPending ? { ...lag, pending: [...lag.pending, sample] } : lag
}

/** Notes how far the replica has replayed the log. */
export const observeReplica = (lag: ReplicaLag, replayed: bigint): ReplicaLag => {
  const first = lag.pending.findIndex(({ offset }) => offset > replayed)
  const count = first === -1 ? lag.pending.length : first
  return count === 0
    ? lag
    : { pending: lag.pending.slice(count), caughtUpAt: lag.pending[count - 1]?.at ?? lag.caughtUpAt }
}

/**
 * Returns the lag in milliseconds, or `undefined` if the replica has not replayed any sample: it has all changes that were committed
 * longer ago. Unlike the time of the last replayed transaction, this stays small while nothing is written.
 */
export const lagAt = ({ caughtUpAt }: ReplicaLag, now: number): number | undefined =>
  caughtUpAt === undefined ? undefined : Math.max(0, now - caughtUpAt)
