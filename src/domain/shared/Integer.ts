import { Schema } from "effect"

/** A whole number within these bounds, which it may reach. */
export const Integer = (minimum: number, maximum: number) => {
  const expected = `an integer from ${minimum} to ${maximum}`
  return Schema.Number.check(
    Schema.isInt({ expected }).abort(),
    Schema.isBetween({ minimum, maximum }, { expected })
  )
}
