/** SQL statements of migration 4: stages of orders. `schema` is the quoted schema name. No table is rewritten or scanned. */
export const stages = (schema: string): ReadonlyArray<string> => [
  // A word of the host's. NULL while the order has not been moved in its status. No constraint, since the words are the deployment's.
  `ALTER TABLE ${schema}.orders ADD COLUMN stage text`,

  `CREATE INDEX orders_by_stage ON ${schema}.orders (stage, id) WHERE stage IS NOT NULL`
]
