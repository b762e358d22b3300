import { Cause, Context, Effect, Fiber, Layer, Semaphore } from "effect"
import { StoreUnavailable, shuttingDown } from "../../../ports/errors.ts"
import { Database } from "./Database.ts"
import { type LockTarget, lockKey, rowLocks } from "./RowLocks.ts"
import { isLockTimeout } from "./SqlErrors.ts"
import { inTurn, poolOf } from "./Turns.ts"

/** How long work waits at first for a lock that somebody outside holds. */
export const patience = "500ms"

export const onLockTimeout = <A, E, R, A2, E2, R2>(
  work: Effect.Effect<A, E, R>,
  otherwise: Effect.Effect<A2, E2, R2>
): Effect.Effect<A | A2, E | E2, R | R2> =>
  Effect.catchIf(
    work,
    (error) => error instanceof StoreUnavailable && isLockTimeout(error),
    () => otherwise
  )

const orClosing = <A, E, R>(wait: Effect.Effect<A, E, R>): Effect.Effect<A, E | StoreUnavailable, R> =>
  Effect.catchCauseIf(wait, Cause.hasInterruptsOnly, () => Effect.fail(shuttingDown("notApplied")))

/**
 * How rows are waited for that somebody outside holds for long, so that it holds up only those who want them: with
 * nothing else locked, once per row however many want it, and on less than half of the pool.
 */
const make = Effect.gen(function* () {
  const { sql, transaction } = yield* Database
  const { held, lock } = yield* rowLocks
  const half = Math.floor(poolOf(sql) / 2)
  const patient = Semaphore.makeUnsafe(Math.max(1, half - 1))

  /** Turns for what one caller wants: all of them together may meet a row that is held before any knows of it. */
  const tries = Semaphore.makeUnsafe(Math.max(1, half))
  const waits = new Map<string, Fiber.Fiber<unknown, StoreUnavailable>>()
  const scope = yield* Effect.scope

  /** Runs work in a transaction that waits for no lock for long. */
  const briefly: typeof transaction = (work, repeatable) =>
    transaction(Effect.andThen(sql`SELECT set_config('lock_timeout', ${patience}, true)`, work), repeatable)

  /** Runs work in a transaction that waits for locks as long as the client does: only so many do at a time. */
  const patiently: typeof transaction = (work, repeatable) => inTurn(patient, transaction(work, repeatable))

  /** Which of these rows somebody else has locked. */
  const among = (
    rows: ReadonlyArray<LockTarget>
  ): Effect.Effect<ReadonlyArray<LockTarget>, StoreUnavailable> => transaction(held(rows))

  const join = (name: string, row: LockTarget) =>
    Effect.suspend(() => {
      const others = waits.get(name)
      if (others !== undefined) return Fiber.join(others)
      return Effect.flatMap(Effect.forkIn(patiently(lock(row)), scope), (wait) => {
        waits.set(name, wait)
        wait.addObserver(() => {
          if (waits.get(name) === wait) waits.delete(name)
        })
        return Fiber.join(wait)
      })
    })

  /** If a wait fails, who has joined it while it lasted has not waited long enough. */
  const waitFor = (row: LockTarget): Effect.Effect<unknown, StoreUnavailable> =>
    Effect.suspend(() => {
      const name = lockKey(row)
      const wait = join(name, row)
      return orClosing(waits.has(name) ? onLockTimeout(wait, wait) : wait)
    })

  /** Waits until rows are free. */
  const free = (rows: ReadonlyArray<LockTarget>) =>
    Effect.forEach(rows, waitFor, { concurrency: "unbounded", discard: true })

  const anyAwaited = () => waits.size > 0

  /** Which of these rows somebody waits for already. */
  const awaited = (rows: ReadonlyArray<LockTarget>): ReadonlyArray<LockTarget> =>
    anyAwaited() ? rows.filter((row) => waits.has(lockKey(row))) : []

  return { tries, briefly, patiently, among, anyAwaited, awaited, free }
})

export class HeldRows extends Context.Service<HeldRows, Effect.Success<typeof make>>()(
  "effect-commerce/adapters/postgres/LockWaits"
) {
  static readonly layer = Layer.effect(HeldRows, make)
}
