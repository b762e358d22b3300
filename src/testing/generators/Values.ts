import { Arbitrary, Schema } from "effect"

/** Makes values, and shrinks those with which a law fails. */
export type Gen<A> = Arbitrary.Arbitrary<A>

/** A whole number from `min` to `max`, those near the bounds far more often than the others. */
export const int = (min: number, max: number): Gen<number> =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: min, maximum: max })))

/** The place of any of the values. */
export const indexOf = (values: ReadonlyArray<unknown>) =>
  Arbitrary.schema(Schema.Literals(Array.from(values.keys())), { shrink: (i) => (i === 0 ? [] : [0]) })

/** Any of the values alike; failures shrink to the first. */
export const pick = <const A>(values: ReadonlyArray<A>): Gen<A> =>
  Arbitrary.map(indexOf(values), (i) => values[i] as A)

/** What any of the generators makes, each alike; failures shrink to the first. */
export const oneOf = <A>(generators: ReadonlyArray<Gen<A>>): Gen<A> =>
  Arbitrary.flatMap(pick(generators), (generator) => generator)

/** A plain object of the fields; `Arbitrary.all` by itself makes some without a prototype, which no decoder does. */
export const struct = <A extends object>(fields: { readonly [K in keyof A]-?: Gen<A[K]> }): Gen<A> =>
  Arbitrary.map(Arbitrary.all(fields), (value) => ({ ...value }) as A)

/** A plain object of the fields, without those that come out as `undefined`. */
export const partial = <A extends object>(fields: { readonly [K in keyof A]-?: Gen<A[K]> }): Gen<A> =>
  Arbitrary.map(
    struct(fields),
    (value) => Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as A
  )

/** Now and then `undefined`. */
export const maybe = <A>(generator: Gen<A>): Gen<A | undefined> => oneOf([pick([undefined]), generator])
/** Now and then `null`. */
export const nullable = <A>(generator: Gen<A>): Gen<A | null> => oneOf([pick([null]), generator])
