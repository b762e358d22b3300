import { Arbitrary, Schema } from "effect"

/** A generator of values. It shrinks values that fail a property. */
export type Gen<A> = Arbitrary.Arbitrary<A>

/** Generates an integer from `min` to `max`. Values near the bounds are more frequent. */
export const int = (min: number, max: number): Gen<number> =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: min, maximum: max })))

/** Generates an index of the values. */
export const indexOf = (values: ReadonlyArray<unknown>) =>
  Arbitrary.schema(Schema.Literals(Array.from(values.keys())), { shrink: (i) => (i === 0 ? [] : [0]) })

/** Generates one of the values with equal probability. Shrinks to the first. */
export const pick = <const A>(values: ReadonlyArray<A>): Gen<A> =>
  Arbitrary.map(indexOf(values), (i) => values[i] as A)

/** Generates a value of one of the generators, chosen with equal probability. Shrinks to the first. */
export const oneOf = <A>(generators: ReadonlyArray<Gen<A>>): Gen<A> =>
  Arbitrary.flatMap(pick(generators), (generator) => generator)

/**
 * Generates a plain object. `Arbitrary.all` alone sometimes makes objects without a prototype, which no decoder
 * returns.
 */
export const struct = <A extends object>(fields: { readonly [K in keyof A]-?: Gen<A[K]> }): Gen<A> =>
  Arbitrary.map(Arbitrary.all(fields), (value) => ({ ...value }) as A)

/** Generates a plain object without the fields that are `undefined`. */
export const partial = <A extends object>(fields: { readonly [K in keyof A]-?: Gen<A[K]> }): Gen<A> =>
  Arbitrary.map(
    struct(fields),
    (value) => Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as A
  )

/** Generates a value or `undefined`. */
export const maybe = <A>(generator: Gen<A>): Gen<A | undefined> => oneOf([pick([undefined]), generator])
/** Generates a value or `null`. */
export const nullable = <A>(generator: Gen<A>): Gen<A | null> => oneOf([pick([null]), generator])
