import { Layer, Scheduler } from "effect"

type Timer = ReturnType<typeof setTimeout>

// Taken when this module is loaded: a test of the host may fake them later.
/** Starts a timer of the platform. */
export const startTimer: (run: () => void, millis: number) => Timer = globalThis.setTimeout
/** Stops a timer of the platform. */
export const stopTimer: (timer: Timer) => void = globalThis.clearTimeout
const immediately: ((run: () => void) => unknown) | undefined = globalThis.setImmediate
const forget: ((handle: never) => void) | undefined = globalThis.clearImmediate

const atOnce = (run: () => void): (() => void) => {
  if (immediately !== undefined && forget !== undefined) {
    const handle = immediately(run)
    return () => forget(handle as never)
  }
  const timer = startTimer(run, 0)
  return () => stopTimer(timer)
}

/** Runs fibers on the platform's own `setImmediate`. */
export const platformScheduler: Scheduler.Scheduler = new Scheduler.MixedScheduler("async", atOnce)

/** Runs the fibers of a layer so. A callback that fake timers lose would stop its queues and connections for good. */
export const PlatformScheduler: Layer.Layer<never> = Layer.succeed(Scheduler.Scheduler, platformScheduler)
