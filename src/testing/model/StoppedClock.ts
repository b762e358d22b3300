import { Clock, Effect } from "effect"

/** A clock that shows a fixed time until it is set. Sleeping takes real time. */
export interface StoppedClock extends Clock.Clock {
  readonly putForward: (milliseconds: number) => void
}

export const stoppedAt = (start: number): StoppedClock => {
  const running = Clock.Clock.defaultValue()
  let now = start
  const nanos = () => BigInt(now) * 1_000_000n
  return {
    currentTimeMillisUnsafe: () => now,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => running.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: running.monotonicTimeNanos,
    sleep: (duration) => running.sleep(duration),
    putForward: (milliseconds) => {
      now += milliseconds
    }
  }
}
