/**
 * Values of one column as a parameter that is cast to its array type. The client takes an array's type from its
 * elements, and refuses one of nulls or of small and large numbers; as text all of them are alike.
 */
export const arrayParameter = (
  values: ReadonlyArray<string | number | null>
): ReadonlyArray<string | null> | string =>
  values.every((value) => value === null)
    ? `{${values.map(() => "NULL").join()}}`
    : values.map((value) => (value === null ? null : String(value)))
