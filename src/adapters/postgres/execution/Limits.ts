import { Context } from "effect"

/** Every timeout, size and count of the execution room. Times are in milliseconds. */
export interface ExecutionLimits {
  /** How long work waits for a connection of the pool and for BEGIN. Defaults to 5,000. */
  readonly acquireTimeout: number
  /** How long a transaction may work before its COMMIT. Defaults to 10,000; long operations say so themselves. */
  readonly transactionTimeout: number
  /** How long COMMIT, or a statement that commits by itself, may take to be answered. Defaults to 10,000. */
  readonly commitTimeout: number
  /** How long PostgreSQL is asked what became of a COMMIT without an answer. Defaults to 5,000. */
  readonly settleTimeout: number
  /** How long a reading statement may take. Defaults to 30,000. */
  readonly queryTimeout: number
  /** How long a health check may take. Defaults to 5,000. */
  readonly healthTimeout: number
  /** How long the count for a gauge may take. Defaults to 2,000. */
  readonly gaugeTimeout: number
  /** How often the phase of a transaction is compared with its deadline. Defaults to 1,000. */
  readonly deadlineCheckInterval: number
  /** How long a statement waits for a lock, on the server. Defaults to 5,000. */
  readonly lockTimeout: number
  /** How long a statement may run, on the server. Defaults to 60,000. */
  readonly statementTimeout: number
  /** How long a transaction may be idle before the server ends it, and frees its rows. Defaults to 8,000. */
  readonly idleTransactionTimeout: number
  /** How long a statement may have no answer before the server is asked whether it is there. Defaults to 3,000. */
  readonly silenceTimeout: number
  /** How long the server has to answer that. Defaults to 3,000. */
  readonly probeTimeout: number
  /** How long a connection may be unused before it is closed. Defaults to 60,000. */
  readonly idleConnectionTimeout: number
  /** How long a connection lives at most, with jitter. Defaults to 900,000. */
  readonly connectionLifetime: number
  /** How long a transaction waits for a lock before the rows are waited for with nothing else locked. Defaults to 500. */
  readonly shortLockTimeout: number
  /** Attempts that fail later than this are not retried. Defaults to 1,000. */
  readonly retryWindow: number
  /** How often an attempt is retried at most. Defaults to 5. */
  readonly maxRetries: number
  /** Batches of one operation in flight at the same time. Defaults to 2. */
  readonly batchesInFlight: number
  /** Statements in flight that answer the same kind of reads. Further reads gather for the next one. Defaults to 2. */
  readonly readsInFlight: number
  /** How long such a statement may take before later reads no longer wait for it. Defaults to 200. */
  readonly slowRead: number
  /** Requests in one batch at most. Defaults to 128. */
  readonly maxBatchSize: number
  /** Rows that one batch locks at most, unless a single request needs more. Defaults to 1,000. */
  readonly maxLocksPerBatch: number
  /** Requests that may be queued; more wait to be queued (back-pressure). Defaults to 4,096. */
  readonly maxQueuedRequests: number
  /** Rows that one statement returns at most, where the rows that count are chosen outside of the database. Defaults to 500. */
  readonly scanPageSize: number
}

/** The limits without any change. */
export const defaultLimits: ExecutionLimits = {
  acquireTimeout: 5_000,
  transactionTimeout: 10_000,
  commitTimeout: 10_000,
  settleTimeout: 5_000,
  queryTimeout: 30_000,
  healthTimeout: 5_000,
  gaugeTimeout: 2_000,
  deadlineCheckInterval: 1_000,
  lockTimeout: 5_000,
  statementTimeout: 60_000,
  idleTransactionTimeout: 8_000,
  silenceTimeout: 3_000,
  probeTimeout: 3_000,
  idleConnectionTimeout: 60_000,
  connectionLifetime: 900_000,
  shortLockTimeout: 500,
  retryWindow: 1_000,
  maxRetries: 5,
  batchesInFlight: 2,
  readsInFlight: 2,
  slowRead: 200,
  maxBatchSize: 128,
  maxLocksPerBatch: 1_000,
  maxQueuedRequests: 4_096,
  scanPageSize: 500
}

/** The limits of all transactions, queries and queues. They are read when a layer is built. */
export const Limits = Context.Reference<ExecutionLimits>("effect-commerce/adapters/postgres/Limits", {
  defaultValue: () => defaultLimits
})
