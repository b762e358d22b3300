import { Effect, Layer, type Redacted, type Scope } from "effect"
import { progress } from "./Bench.ts"
import { grow } from "./Growth.ts"
import type { Pace } from "./Measure.ts"
import { shop } from "./Shop.ts"

const sizes = [1e3, 1e4, 1e5, 1e6]

/** What is done in shops of every size. */
export interface Deed {
  readonly name: string
  readonly callers: number
  readonly work: (size: number) => Effect.Effect<unknown, unknown, Layer.Success<ReturnType<typeof shop>>>
}

/** Does each deed in shops of all sizes in turn. */
export const inAllSizes = Effect.fnUntraced(function* <E, R>(
  of: string,
  deeds: ReadonlyArray<Deed>,
  made: (size: number) => Effect.Effect<Redacted.Redacted, E, R | Scope.Scope>,
  pace: Pace
) {
  const shops = yield* Effect.forEach(sizes, (size) =>
    Effect.flatMap(made(size), (url) => Effect.map(Layer.build(shop(url)), (context) => ({ size, context })))
  )
  return yield* Effect.forEach(deeds, ({ name, callers, work }) => {
    const steps = shops.map(({ size, context }) => ({
      at: size,
      callers,
      work: Effect.provideContext(work(size), context)
    }))
    return Effect.andThen(progress(`${name}, 1,000 to 1,000,000 ${of}`), grow(name, of, steps, pace))
  })
})
