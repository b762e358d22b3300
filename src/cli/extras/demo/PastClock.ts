import { Clock, Effect } from "effect"

/** A clock that stands still at some time of the past. What sleeps or times out does so as by any other clock. */
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

/** Work that takes this for the present time. */
export const at = (millis: number) => Effect.provideService(Clock.Clock, stoppedAt(millis))
