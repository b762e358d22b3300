/** SQL statements of migration 6: images and lists of inactive products. `schema` is the quoted schema name. No table is rewritten. */
export const catalog = (schema: string): ReadonlyArray<string> => [
  // A list of { url, alt }, in the order in which they are shown. NULL if there are none.
  `ALTER TABLE ${schema}.products ADD COLUMN images jsonb`,

  // One index for every sort order, since inactive products are few. Active products have no entry.
  `CREATE INDEX products_inactive ON ${schema}.products (id) WHERE NOT active`
]
