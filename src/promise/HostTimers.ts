/** Timers of the platform, taken when this module is loaded: a test that fakes timers later must not stop the shop. */
import { Effect, Scheduler } from "effect"

type Timer = ReturnType<typeof setTimeout>

const start: (run: () => void, millis: number) => Timer = globalThis.setTimeout
const stop: (timer: Timer) => void = globalThis.clearTimeout
const immediately: ((run: () => void) => unknown) | undefined = globalThis.setImmediate
const forget: ((handle: never) => void) | undefined = globalThis.clearImmediate

const atOnce = (run: () => void): (() => void) => {
  if (immediately !== undefined && forget !== undefined) {
    const handle = immediately(run)
    return () => forget(handle as never)
  }
  const timer = start(run, 0)
  return () => stop(timer)
}

/** Runs fibers on the platform's own `setImmediate`. */
export const scheduler: Scheduler.Scheduler = new Scheduler.MixedScheduler("async", atOnce)

/** The longest time that a timer takes. */
const longest = 2 ** 31 - 1

/** Sleeps on the platform's own `setTimeout`. */
export const sleepMillis = (millis: number): Effect.Effect<void> =>
  Number.isFinite(millis)
    ? Effect.callback<void>((resume) => {
        const timer = start(() => resume(Effect.void), Math.min(Math.max(millis, 0), longest))
        return Effect.sync(() => stop(timer))
      }).pipe(
        Effect.andThen(Effect.suspend(() => (millis > longest ? sleepMillis(millis - longest) : Effect.void)))
      )
    : Effect.never

/** Waits for a promise, at most so many milliseconds. Returns whether it has settled. */
export const settledWithin = (promise: Promise<unknown>, millis: number): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = start(() => resume(false), millis)
    const resume = (isSettled: boolean) => {
      stop(timer)
      resolve(isSettled)
    }
    promise.then(
      () => resume(true),
      () => resume(true)
    )
  })
