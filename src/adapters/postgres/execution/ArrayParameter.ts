/**
 * Encodes the values of a column as an array parameter, to be cast to the array type of the column. The client derives the
 * type of an array from its elements and refuses mixed numbers and nulls, so all elements become text.
 */
export const arrayParameter = (
  values: ReadonlyArray<string | number | null>
): ReadonlyArray<string | null> | string =>
  values.every((value) => value === null)
    ? `{${values.map(() => "NULL").join()}}`
    : values.map((value) => (value === null ? null : String(value)))
