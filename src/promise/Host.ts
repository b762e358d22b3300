/** Adapters of the host's log and clock. */
import { Cause, Clock, Duration, Effect, Layer, Logger, LogLevel, References } from "effect"
import { answerOf, ignoreRejection } from "../services/HostAnswer.ts"
import { sleepMillis } from "./HostTimers.ts"

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
      const answer: unknown = log[levelOf(options.logLevel)]?.(String(message), detailsOf(options, more))
      ignoreRejection(answer)
    } catch {
      // A failing log must not fail the logged operation.
    }
  })
  return Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Debug"))
}

/** The last millisecond of the year 9999. */
const lastMoment = 253_402_300_799_999

/** `instanceof` would refuse the dates of another realm, such as a test's. */
const isDate = (value: unknown): value is Date => Object.prototype.toString.call(value) === "[object Date]"

const isMoment = (value: unknown): value is number | Date =>
  (typeof value === "number" || isDate(value)) && Math.abs(Number(value)) <= lastMoment

const isTime = answerOf("clock", "a Date, or milliseconds since 1970", isMoment)

/** Provides the host's time. Timeouts and delays use real time. */
export const layerClock = (time: () => number | Date): Layer.Layer<never> => {
  const running = Clock.Clock.defaultValue()
  const nanos = (millis: number) => BigInt(Math.floor(millis)) * 1_000_000n
  const currentTimeMillis = Effect.flatMap(
    Effect.suspend(() => isTime(time())),
    (answer) => Effect.succeed(Number(answer))
  )
  // Effect itself asks so for the dates of log entries: a log must not fail.
  const currentTimeMillisUnsafe = () => {
    const answer: unknown = time()
    if (isMoment(answer)) return Number(answer)
    ignoreRejection(answer)
    return running.currentTimeMillisUnsafe()
  }
  return Layer.succeed(Clock.Clock, {
    currentTimeMillisUnsafe,
    currentTimeMillis,
    currentTimeNanosUnsafe: () => nanos(currentTimeMillisUnsafe()),
    currentTimeNanos: Effect.map(currentTimeMillis, nanos),
    monotonicTimeNanosUnsafe: () => running.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: running.monotonicTimeNanos,
    sleep: (duration) => sleepMillis(Duration.toMillis(duration))
  })
}
