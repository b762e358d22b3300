import { Effect } from "effect"

const inSpan = (name: string, made: unknown): unknown =>
  Effect.isEffect(made) ? Effect.withSpan(made, name, { captureStackTrace: false }) : made

/** Every method of a service in a span of its name, which tells nothing of what it was called with. */
export const spanned = <Methods extends object>(service: string, methods: Methods): Methods =>
  Object.fromEntries(
    Object.entries(methods).map(([method, does]) => {
      const name = `${service}.${method}`
      return typeof does === "function"
        ? [method, (...input: ReadonlyArray<unknown>) => inSpan(name, does(...input))]
        : [method, inSpan(name, does)]
    })
  ) as Methods
