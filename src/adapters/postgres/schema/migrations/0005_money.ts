/**
 * SQL statements of migration 5: money after the charge. `schema` is the quoted schema name. Columns that may be NULL are added without
 * rewriting or scanning a table, and so are constraints that are not validated.
 */
export const money = (schema: string): ReadonlyArray<string> => [
  // An authorized payment stays PENDING and has authorized_at, so that indexes, leases and the sweep of unpaid orders stay as they are.
  // captured is NULL if all of the amount was charged, refunded if nothing was.
  `ALTER TABLE ${schema}.payments
    ADD COLUMN reference text,
    ADD COLUMN next_action jsonb,
    ADD COLUMN authorized_at timestamptz,
    ADD COLUMN captured bigint,
    ADD COLUMN refunded bigint,
    ADD CONSTRAINT payments_captured
      CHECK (captured IS NULL OR (status = 'APPROVED' AND captured BETWEEN 0 AND amount)) NOT VALID,
    ADD CONSTRAINT payments_refunded
      CHECK (refunded IS NULL OR (status = 'APPROVED' AND refunded BETWEEN 0 AND coalesce(captured, amount))) NOT VALID`,

  `CREATE TABLE ${schema}.payment_operations (
    id uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES ${schema}.payments,
    order_id uuid NOT NULL REFERENCES ${schema}.orders,
    kind text NOT NULL CHECK (kind IN ('capture', 'void', 'refund', 'chargeback')),
    status text NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'DECLINED', 'CANCELLED')),
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    reason text,
    reference text,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    leased_until timestamptz
  )`,
  `CREATE INDEX payment_operations_by_order ON ${schema}.payment_operations (order_id, id)`,
  // A capture after a void, a void after a capture and two captures are impossible rows.
  `CREATE UNIQUE INDEX payment_operations_one_end ON ${schema}.payment_operations (payment_id)
    WHERE kind IN ('capture', 'void') AND status IN ('PENDING', 'APPROVED')`,
  `CREATE INDEX payment_operations_pending ON ${schema}.payment_operations (created_at) WHERE status = 'PENDING'`,
  // Reports sum the approved refunds. A shop without refunds has none to read.
  `CREATE INDEX payment_operations_refunded ON ${schema}.payment_operations (order_id) INCLUDE (amount)
    WHERE kind = 'refund' AND status = 'APPROVED'`
]
