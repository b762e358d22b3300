import { Schema } from "effect"

/** Returns a schema of the integers from `minimum` to `maximum`, both included. */
export const Integer = (minimum: number, maximum: number) => {
  const expected = `an integer from ${minimum} to ${maximum}`
  return Schema.Number.check(
    Schema.isInt({ expected }).abort(),
    Schema.isBetween({ minimum, maximum }, { expected })
  )
}
