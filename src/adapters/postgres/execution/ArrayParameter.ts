/**
 * Encodes the values of a column as an array parameter, to be cast to the array type of the column. The client derives the
 * type of an array from its elements and refuses mixed numbers, so all elements become text.
 */
export const arrayParameter = (values: ReadonlyArray<string | number>): ReadonlyArray<string> =>
  values.map(String)

/**
 * Encodes a column of texts that may be null and are never empty: read it with `nullif(…, '')`. A session with
 * `array_nulls = off` would read NULL in the text of an array as a word.
 */
export const nullableParameter = (values: ReadonlyArray<string | null>): ReadonlyArray<string> =>
  values.map((value) => value ?? "")
