/** An amount of money. */
export interface MoneyInput {
  /** Whole minor units of the currency: cents, yen. 0 to 9007199254740991; a price is at most 10^12. */
  readonly amount: number
  /** An ISO 4217 code, such as "EUR". */
  readonly currency: string
}

/** Which page of a list to return. */
export interface PageInput {
  /** Maximum number of items to return, 1 to 100. Defaults to 20. Fails with `InvalidInput`. */
  readonly limit?: number | undefined
  /**
   * Where the page starts: the `nextCursor` of the page before, with the same filters and sort. Defaults to the first page.
   * Fails with `InvalidInput`.
   */
  readonly cursor?: string | undefined
}
