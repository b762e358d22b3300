import { Clock, Effect } from "effect"

/** A clock that shows a fixed time in the past. Sleeping takes real time. */
const stoppedAt = (millis: number): Clock.Clock => {
  const running = Clock.Clock.defaultValue()
  const nanos = BigInt(millis) * 1_000_000n
  return {
    currentTimeMillisUnsafe: () => millis,
    currentTimeMillis: Effect.succeed(millis),
    currentTimeNanosUnsafe: () => nanos,
    currentTimeNanos: Effect.succeed(nanos),
    monotonicTimeNanosUnsafe: () => running.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: running.monotonicTimeNanos,
    sleep: (duration) => running.sleep(duration)
  }
}

/** Runs an effect at a time in the past. */
export const at = (millis: number) => Effect.provideService(Clock.Clock, stoppedAt(millis))
