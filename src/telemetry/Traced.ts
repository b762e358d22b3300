import { Effect, Tracer } from "effect"

const inSpan = (name: string, made: unknown): unknown => {
  if (!Effect.isEffect(made)) return made
  const inside = Effect.withSpan(made, name, { captureStackTrace: false })
  // Effect's own tracer tells nobody of a span, which costs as much as reading an input does.
  return Effect.flatMap(Effect.tracer, (tracer) => (tracer === Tracer.nativeTracer ? made : inside))
}

/**
 * Every method of a service in a span of its name, which tells nothing of what it was called with; if there is a tracer
 * that listens.
 */
export const traced = <Methods extends object>(service: string, methods: Methods): Methods =>
  Object.fromEntries(
    Object.entries(methods).map(([method, does]) => {
      const name = `${service}.${method}`
      return typeof does === "function"
        ? [method, (...input: ReadonlyArray<unknown>) => inSpan(name, does(...input))]
        : [method, inSpan(name, does)]
    })
  ) as Methods
