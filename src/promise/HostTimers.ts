/** Timers of the platform, taken when this module is loaded: a test that fakes timers later must not stop the shop. */
import { Effect } from "effect"

type Timer = ReturnType<typeof setTimeout>

const start: (run: () => void, millis: number) => Timer = globalThis.setTimeout
const stop: (timer: Timer) => void = globalThis.clearTimeout

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
