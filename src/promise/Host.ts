/** Adapters of the host's log and clock. */
import { Cause, Clock, Effect, Layer, Logger, LogLevel, References } from "effect"

type Level = "debug" | "info" | "warn" | "error"

/**
 * A log of the host, with the functions of `console` and most loggers. Levels without a function are not logged.
 */
export type HostLogger = {
  readonly [L in Level]?: ((message: string, details: Readonly<Record<string, unknown>>) => void) | undefined
}

const levelOf = (level: LogLevel.LogLevel): Level => {
  if (LogLevel.isGreaterThanOrEqualTo(level, "Error")) return "error"
  if (LogLevel.isGreaterThanOrEqualTo(level, "Warn")) return "warn"
  return LogLevel.isGreaterThanOrEqualTo(level, "Info") ? "info" : "debug"
}

const detailsOf = ({ cause, fiber }: Logger.Options<unknown>, more: ReadonlyArray<unknown>) => ({
  ...fiber.getRef(References.CurrentLogAnnotations),
  ...(cause.reasons.length > 0 ? { error: Cause.squash(cause) } : {}),
  ...(more.length > 0 ? { error: more[0] } : {})
})

/** Provides a logger that passes message, annotations and error to the host's log. */
export const layerLogger = (log: HostLogger): Layer.Layer<never> => {
  const logger = Logger.make((options) => {
    const [message, ...more] = [options.message].flat()
    try {
      log[levelOf(options.logLevel)]?.(String(message), detailsOf(options, more))
    } catch {
      // A failing log must not fail the logged operation.
    }
  })
  return Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Debug"))
}

/** Provides the host's time. Timeouts and delays use real time. */
export const layerClock = (time: () => number | Date): Layer.Layer<never> => {
  const running = Clock.Clock.defaultValue()
  const millis = () => Number(time())
  const nanos = () => BigInt(Math.floor(millis())) * 1_000_000n
  return Layer.succeed(Clock.Clock, {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => running.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: running.monotonicTimeNanos,
    sleep: (duration) => running.sleep(duration)
  })
}
