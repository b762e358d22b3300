import os from "node:os"
import bcrypt from "bcrypt"
import { Effect, Layer, Redacted, Schema, Semaphore } from "effect"
import { HasherBusy } from "../ports/errors.ts"
import { PasswordHasher } from "../ports/PasswordHasher.ts"
import { authSettings } from "../settings/AuthSettings.ts"

const decodeOptions = Schema.decodeUnknownEffect(
  Schema.Struct({
    cost: authSettings.bcryptCost.field,
    maxQueue: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
  })
)

/** The only hash format that this adapter writes. The native code of bcrypt is not safe with malformed hashes. */
const wellFormed = /^\$2[ab]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$/

/** bcrypt silently ignores all bytes after the 72nd. */
const fits = (password: Redacted.Redacted) => Buffer.byteLength(Redacted.value(password)) <= 72

/**
 * Maximum number of concurrent jobs. One libuv thread stays free for token verification, DNS and files, which
 * share the pool. Like libuv, it counts an unreadable UV_THREADPOOL_SIZE as 1.
 */
const maxConcurrentJobs = () => {
  const threads = Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? "4", 10) || 1
  return Math.max(1, Math.min(os.availableParallelism(), threads - 1))
}

interface Options {
  /** Cost of new hashes, 4 to 15. Defaults to that of the setting `auth.bcryptCost`. Others are renewed at the next login. */
  readonly cost?: number
  /** Maximum number of jobs that wait for a thread; further calls fail with `HasherBusy`. Defaults to 100. */
  readonly maxQueue?: number
}

const costOf = (hash: string): number => Number(hash.slice(4, 6))

/**
 * Compares a password with a hash. A mismatch with a cheaper hash takes as long as one with a new hash, else its time would tell that the
 * account exists: each cost takes twice as long as the one before, so that 2^c + 2^c + 2^(c+1) + … + 2^(cost-1) = 2^cost.
 */
const compare = async (password: string, hash: string, cost: number): Promise<boolean> => {
  if (await bcrypt.compare(password, hash)) return true
  for (let each = costOf(hash); each < cost; each++) await bcrypt.hash(password, each)
  return false
}

const make = Effect.fnUntraced(function* (options: Options) {
  const { cost, maxQueue } = yield* Effect.orDie(decodeOptions({ maxQueue: 100, ...options }))
  const jobs = maxConcurrentJobs()
  const threads = yield* Semaphore.make(jobs)
  const queueSlots = yield* Semaphore.make(jobs + maxQueue)

  // A running job cannot be cancelled. It is uninterruptible, so that its caller keeps the permit until the thread
  // is free.
  const run = <A>(job: () => Promise<A>): Effect.Effect<A, HasherBusy> =>
    Effect.promise(job).pipe(
      Effect.uninterruptible,
      threads.withPermit,
      queueSlots.withPermitsIfAvailable(1),
      Effect.flatMap(Effect.fromOption),
      Effect.mapError(() => new HasherBusy())
    )

  return PasswordHasher.of({
    hash: (password) =>
      fits(password)
        ? run(() => bcrypt.hash(Redacted.value(password), cost))
        : Effect.die(new RangeError("bcrypt accepts at most 72 bytes")),
    verify: (password, hash) =>
      fits(password) && wellFormed.test(hash)
        ? run(() => compare(Redacted.value(password), hash, cost))
        : Effect.succeed(false),
    needsRehash: (hash) => wellFormed.test(hash) && costOf(hash) !== cost
  })
})

/**
 * Provides a `PasswordHasher` that runs bcrypt on libuv's threads.
 *
 * At most min(cores, threads − 1) jobs run concurrently, so build one layer per process. Further jobs wait in a
 * queue. If `maxQueue` jobs wait, a call fails with `HasherBusy`.
 *
 * Interruption removes a waiting job from the queue. A running job delays the interruption until it ends.
 *
 * `verify` returns false for passwords over 72 bytes and for malformed hashes. `hash` dies on a password over 72
 * bytes. The layer dies on options out of bounds.
 */
export const layer = (options: Options = {}): Layer.Layer<PasswordHasher> =>
  Layer.effect(PasswordHasher, make(options))
