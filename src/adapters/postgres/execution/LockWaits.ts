import { Array as Arr, Cause, Context, Effect, Fiber, Layer, Semaphore } from "effect"
import type { SqlClient } from "effect/sql"
import { StoreUnavailable, shuttingDown } from "../../../ports/errors.ts"
import { Database } from "./Database.ts"
import { CurrentPoolShare, withPermit } from "./PoolShare.ts"
import { isLockTimeout } from "./SqlErrors.ts"

/**
 * A row that has to be locked. The lock target of a payment is its order. The id of a voucher is its normalized code; a
 * voucher without bounds is never locked.
 */
export interface LockTarget {
  readonly table: "orders" | "products" | "payments" | "vouchers"
  readonly id: string
}

/** Identifies a lock target, for maps and sets. */
export const lockKey = ({ table, id }: LockTarget): string => `${table} ${id}`

/** The size of a client's pool. Defaults to 10 if the client does not tell it. */
export const poolSize = (sql: SqlClient.SqlClient): number => {
  if ("poolSize" in sql) return Number(sql.poolSize)
  const config = "config" in sql ? sql.config : undefined
  const configured = typeof config === "object" && config !== null && "maxConnections" in config
  return configured ? Number(config.maxConnections ?? 10) : 10
}

const retryOnLockTimeout = <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.catchIf(
    work,
    (error) => error instanceof StoreUnavailable && isLockTimeout(error),
    () => work
  )

/** A transaction that only locks rows leaves nothing behind, also if its COMMIT is not answered. */
const notApplied = <A, E, R>(work: Effect.Effect<A, E | StoreUnavailable, R>) =>
  Effect.mapError(work, (error) =>
    error instanceof StoreUnavailable && error.outcome === "unknown"
      ? new StoreUnavailable({ outcome: "notApplied", cause: error.cause })
      : error
  )

const failAtShutdown = <A, E, R>(wait: Effect.Effect<A, E, R>): Effect.Effect<A, E | StoreUnavailable, R> =>
  Effect.catchCauseIf(wait, Cause.hasInterruptsOnly, () => Effect.fail(shuttingDown("notApplied")))

/**
 * Rows that other transactions hold for long are waited for with nothing else locked, once per row however many requests
 * want it, and on less than half of the pool. So a held row delays only the requests that want it.
 */
const make = Effect.gen(function* () {
  const { sql, table, limits, transaction } = yield* Database
  const share = yield* CurrentPoolShare
  const half = Math.floor((share?.connections ?? poolSize(sql)) / 2)
  /** Transactions that wait with the full lock timeout. */
  const waiting = Semaphore.makeUnsafe(Math.max(1, half - 1))
  /** Unbatched requests that run: all of them may meet a held row before it is known to be held. */
  const running = Semaphore.makeUnsafe(Math.max(1, half))
  const waits = new Map<string, Fiber.Fiber<unknown, StoreUnavailable>>()
  const scope = yield* Effect.scope

  const uuid = sql.literal("uuid")
  const lockable = {
    orders: { id: sql`o.id`, type: uuid, from: sql`${table.orders} o`, locked: sql`o`, only: sql`` },
    products: { id: sql`p.id`, type: uuid, from: sql`${table.products} p`, locked: sql`p`, only: sql`` },
    payments: {
      id: sql`p.id`,
      type: uuid,
      from: sql`${table.payments} p JOIN ${table.orders} o ON o.id = p.order_id`,
      locked: sql`o`,
      only: sql``
    },
    vouchers: {
      id: sql`v.normalized_code`,
      type: sql.literal("text"),
      from: sql`${table.vouchers} v`,
      locked: sql`v`,
      only: sql`AND (v.uses_left IS NOT NULL OR v.per_customer IS NOT NULL)`
    }
  }

  const lockedIn = (name: LockTarget["table"], ids: ReadonlyArray<string>) => {
    const { id, type, from, locked, only } = lockable[name]
    return sql<LockTarget>`
      WITH free AS (
        SELECT ${id} AS id FROM ${from} WHERE ${id} = ANY(${ids}::${type}[]) ${only}
        FOR NO KEY UPDATE OF ${locked} SKIP LOCKED
      )
      SELECT ${name}::text AS table, ${id} AS id FROM ${from}
      WHERE ${id} = ANY(${ids}::${type}[]) ${only} AND ${id} NOT IN (SELECT id FROM free)`
  }

  /** Runs an unbatched attempt: half of the pool stays free for batches. */
  const withRunPermit = <A, E, R>(work: Effect.Effect<A, E, R>) => withPermit(running, limits, work)

  /** Runs a transaction that waits for locks with the full lock timeout. */
  const withFullLockTimeout = <A, E, R>(work: Effect.Effect<A, E, R>) =>
    withPermit(waiting, limits, share === undefined ? work : withPermit(share.waiting, limits, work))

  /** Returns the targets that another transaction has locked. */
  const findLocked = (
    targets: ReadonlyArray<LockTarget>
  ): Effect.Effect<ReadonlyArray<LockTarget>, StoreUnavailable> => {
    const byTable = Object.entries(Arr.groupBy(targets, (target) => target.table))
    const found = Effect.forEach(byTable, ([name, rows]) =>
      lockedIn(name as LockTarget["table"], Arr.dedupe(rows.map(({ id }) => id)))
    )
    return Effect.map(notApplied(transaction(found, { settlesCommit: false })), (locked) => {
      const keys = new Set(locked.flat().map(lockKey))
      return targets.filter((target) => keys.has(lockKey(target)))
    })
  }

  const lock = ({ table: name, id: wanted }: LockTarget) => {
    const { id, from, locked, only } = lockable[name]
    return sql`SELECT FROM ${from} WHERE ${id} = ${wanted} ${only} FOR NO KEY UPDATE OF ${locked}`
  }

  const join = (key: string, target: LockTarget) =>
    Effect.suspend(() => {
      const running = waits.get(key)
      if (running !== undefined) return Fiber.join(running)
      const wait = withFullLockTimeout(notApplied(transaction(lock(target), { settlesCommit: false })))
      return Effect.flatMap(Effect.forkIn(wait, scope), (fiber) => {
        waits.set(key, fiber)
        fiber.addObserver(() => {
          if (waits.get(key) === fiber) waits.delete(key)
        })
        return Fiber.join(fiber)
      })
    })

  /** A request that joined a wait of others has waited for less than the lock timeout when that wait fails. */
  const waitFor = (target: LockTarget): Effect.Effect<unknown, StoreUnavailable> =>
    Effect.suspend(() => {
      const key = lockKey(target)
      const wait = join(key, target)
      return failAtShutdown(waits.has(key) ? retryOnLockTimeout(wait) : wait)
    })

  /** Waits until no other transaction holds a lock on the targets. */
  const waitUntilUnlocked = (targets: ReadonlyArray<LockTarget>) =>
    Effect.forEach(targets, waitFor, { concurrency: "unbounded", discard: true })

  const anyWaits = () => waits.size > 0

  /** Returns the targets that are waited for already. */
  const alreadyWaiting = (targets: ReadonlyArray<LockTarget>): ReadonlyArray<LockTarget> =>
    anyWaits() ? targets.filter((target) => waits.has(lockKey(target))) : []

  return { withRunPermit, withFullLockTimeout, findLocked, waitUntilUnlocked, anyWaits, alreadyWaiting }
})

/** Waiting for rows that other transactions hold. */
export class LockWaits extends Context.Service<LockWaits, Effect.Success<typeof make>>()(
  "effect-commerce/adapters/postgres/LockWaits"
) {
  static readonly layer = Layer.effect(LockWaits, make)
}
