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

/** The only form that this library writes, and that the native code is safe with. */
const wellFormed = /^\$2[ab]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$/

/** bcrypt reads 72 bytes and would silently ignore the rest. */
const fits = (password: Redacted.Redacted) => Buffer.byteLength(Redacted.value(password)) <= 72

/**
 * One libuv thread stays free, because token verification, DNS and files share the pool. What libuv cannot read
 * as a number counts as one thread, as it does there.
 */
const jobsAtOnce = () => {
  const threads = Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? "4", 10) || 1
  return Math.max(1, Math.min(os.availableParallelism(), threads - 1))
}

interface Options {
  /** Cost of new hashes; old ones carry their own. Defaults to that of the setting `auth.bcryptCost`. */
  readonly cost?: number
  /** How many jobs may wait for a thread before `HasherBusy`, 100 if absent. */
  readonly maxQueue?: number
}

const make = Effect.fnUntraced(function* (options: Options) {
  const { cost, maxQueue } = yield* Effect.orDie(decodeOptions({ maxQueue: 100, ...options }))
  const jobs = jobsAtOnce()
  const threads = yield* Semaphore.make(jobs)
  const places = yield* Semaphore.make(jobs + maxQueue)

  // A job on a thread cannot be cancelled: uninterruptible, so that its caller keeps the permit until it has ended.
  const run = <A>(job: () => Promise<A>): Effect.Effect<A, HasherBusy> =>
    Effect.promise(job).pipe(
      Effect.uninterruptible,
      threads.withPermit,
      places.withPermitsIfAvailable(1),
      Effect.flatMap(Effect.fromOption),
      Effect.mapError(() => new HasherBusy())
    )

  return PasswordHasher.of({
    hash: (password) =>
      fits(password)
        ? run(() => bcrypt.hash(Redacted.value(password), cost))
        : Effect.die(new RangeError("bcrypt takes at most 72 bytes")),
    verify: (password, hash) =>
      fits(password) && wellFormed.test(hash)
        ? run(() => bcrypt.compare(Redacted.value(password), hash))
        : Effect.succeed(false)
  })
})

/**
 * bcrypt on libuv's threads. At most min(cores, threads - 1) jobs run at once, so build one such layer per process.
 * More than `maxQueue` waiting jobs are refused with `HasherBusy` at once. Interrupting a caller that waits takes it
 * out of the queue; one whose job runs is interrupted when the job has ended. A password over 72 bytes verifies as
 * false, as does any against a malformed hash; hashing one is a defect, as are options out of bounds.
 */
export const layer = (options: Options = {}): Layer.Layer<PasswordHasher> =>
  Layer.effect(PasswordHasher, make(options))
