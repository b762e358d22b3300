/** What a host brings along: where its log goes, and what time it is. */
import { Cause, Clock, Effect, Layer, Logger, LogLevel, References } from "effect"

type Level = "debug" | "info" | "warn" | "error"

/** A log of the host's, as `console` and most loggers are; what has no function is not logged. */
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

/** Logs to the host's log, with what is known of the matter and the error, if there is one. */
export const layerLogger = (log: HostLogger): Layer.Layer<never> => {
  const logger = Logger.make((options) => {
    const [message, ...more] = [options.message].flat()
    try {
      log[levelOf(options.logLevel)]?.(String(message), detailsOf(options, more))
    } catch {
      // A log that fails is no reason to fail what it was reported.
    }
  })
  return Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Debug"))
}

/** Tells the host's time. What waits, waits in real time. */
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
