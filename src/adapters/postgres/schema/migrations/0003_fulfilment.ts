/**
 * SQL statements of migration 3: units of orders, and what events say of them. `schema` is the quoted schema name. Columns that
 * may be NULL are added without rewriting or scanning a table, and so is a constraint that is not validated.
 */
export const fulfilment = (schema: string): ReadonlyArray<string> => [
  // One array [shipped, cancelled, returned, restocked] per line. NULL while units have moved all together or not at all.
  // On the row of the order and not on its items: a statement reads the row that it has waited for again, and not the rows that it joins.
  `ALTER TABLE ${schema}.orders
    ADD COLUMN units jsonb,
    ADD COLUMN current_total bigint CHECK (current_total BETWEEN 0 AND total),
    DROP CONSTRAINT orders_status_check,
    ADD CONSTRAINT orders_status_check
      CHECK (status IN ('CREATED', 'PAID', 'SHIPPED', 'COMPLETED', 'FAILED', 'CANCELLED')) NOT VALID`,

  // Items and fees that the event moves, carrier, tracking code, reason. NULL if there is nothing to say.
  `ALTER TABLE ${schema}.order_events ADD COLUMN details jsonb`
]
