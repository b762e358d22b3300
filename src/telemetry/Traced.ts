import { Effect, Tracer } from "effect"

const inSpan = (name: string, result: unknown): unknown => {
  if (!Effect.isEffect(result)) return result
  const inside = Effect.withSpan(result, name, { captureStackTrace: false })
  // Effect's native tracer exports no spans. Skipping it saves as much time as decoding an input takes.
  return Effect.flatMap(Effect.tracer, (tracer) => (tracer === Tracer.nativeTracer ? result : inside))
}

/**
 * Wraps every method of a service in a span named after it. Arguments are left out, since they may contain
 * personal data. Does nothing without an exporting tracer.
 */
export const traced = <Methods extends object>(service: string, methods: Methods): Methods =>
  Object.fromEntries(
    Object.entries(methods).map(([method, implementation]) => {
      const name = `${service}.${method}`
      return typeof implementation === "function"
        ? [method, (...input: ReadonlyArray<unknown>) => inSpan(name, implementation(...input))]
        : [method, inSpan(name, implementation)]
    })
  ) as Methods
