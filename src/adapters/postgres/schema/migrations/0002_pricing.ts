/**
 * SQL statements of migration 2: tax classes, adjustments of orders, and vouchers. `schema` is the quoted schema name.
 * Columns that may be NULL are added without rewriting or scanning a table.
 */
export const pricing = (schema: string): ReadonlyArray<string> => [
  `ALTER TABLE ${schema}.products ADD COLUMN tax_class text COLLATE "C"`,

  // The number of its adjustments. NULL if it has none: then nothing else is read for an order.
  `ALTER TABLE ${schema}.orders ADD COLUMN adjustments smallint`,

  // Figures of the receipt. They have no foreign keys, as order_items have none.
  `CREATE TABLE ${schema}.order_adjustments (
    order_id uuid NOT NULL,
    position smallint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('fee', 'discount', 'tax')),
    code text NOT NULL,
    name text NOT NULL,
    amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 9007199254740991),
    voucher_id uuid,
    rate integer CHECK (rate BETWEEN 0 AND 1000000),
    included boolean,
    shares bigint[],
    PRIMARY KEY (order_id, position),
    CHECK ((kind = 'fee') = (shares IS NULL)),
    CHECK ((kind = 'tax') = (included IS NOT NULL)),
    CHECK (voucher_id IS NULL OR kind = 'discount')
  )`,

  // uses_left changes with every use. Fillfactor 80 allows HOT updates, so no index needs to change.
  `CREATE TABLE ${schema}.vouchers (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    normalized_code text NOT NULL CONSTRAINT vouchers_normalized_code_key UNIQUE,
    name text NOT NULL,
    rate integer CHECK (rate BETWEEN 1 AND 1000000),
    amount bigint CHECK (amount > 0),
    currency text COLLATE "C",
    minimum bigint CHECK (minimum > 0),
    starts_at timestamptz,
    ends_at timestamptz,
    active boolean NOT NULL,
    uses bigint CHECK (uses >= 0),
    uses_left bigint CONSTRAINT vouchers_uses_left CHECK (uses_left >= 0),
    per_customer smallint CHECK (per_customer > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((rate IS NULL) <> (amount IS NULL)),
    CHECK ((uses IS NULL) = (uses_left IS NULL)),
    CHECK (currency IS NOT NULL OR (amount IS NULL AND minimum IS NULL))
  ) WITH (fillfactor = 80)`,

  // No foreign key to the voucher: its check would lock, and so write, the row of a voucher without a limit.
  `CREATE TABLE ${schema}.redemptions (
    order_id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    redeemer text COLLATE "C" NOT NULL,
    nth smallint CHECK (nth >= 0),
    at timestamptz NOT NULL,
    released_at timestamptz,
    PRIMARY KEY (order_id, voucher_id)
  )`,
  // The bound per customer, whatever the isolation level.
  `CREATE UNIQUE INDEX redemptions_nth ON ${schema}.redemptions (voucher_id, redeemer, nth)
    WHERE released_at IS NULL AND nth IS NOT NULL`
]
