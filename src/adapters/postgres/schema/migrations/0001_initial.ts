/** Creates the tables of the first release. Amounts are in minor units; stock and quantities are in units. */
export const initial = (schema: string): ReadonlyArray<string> => [
  `CREATE TABLE ${schema}.accounts (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    normalized_email text NOT NULL CONSTRAINT accounts_normalized_email_key UNIQUE,
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('customer', 'admin')),
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
  )`,

  // One row per login. Each refresh uses one token and adds the next. Reuse of a token indicates theft.
  `CREATE TABLE ${schema}.sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES ${schema}.accounts,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
  )`,
  `CREATE INDEX sessions_by_account ON ${schema}.sessions (account_id)`,
  `CREATE INDEX sessions_by_end ON ${schema}.sessions (LEAST(expires_at, ended_at))`,
  `CREATE TABLE ${schema}.refresh_tokens (
    token_hash text PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES ${schema}.sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    used_at timestamptz
  )`,
  `CREATE INDEX refresh_tokens_by_session ON ${schema}.refresh_tokens (session_id)`,

  `CREATE TABLE ${schema}.categories (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    normalized_name text NOT NULL CONSTRAINT categories_normalized_name_key UNIQUE,
    created_at timestamptz NOT NULL
  )`,

  // No index contains the stock column, so that changes of stock stay heap-only (HOT) updates.
  `CREATE TABLE ${schema}.products (
    id uuid PRIMARY KEY,
    category_id uuid NOT NULL REFERENCES ${schema}.categories,
    name text COLLATE "C" NOT NULL,
    description text,
    sku text,
    normalized_sku text CONSTRAINT products_normalized_sku_key UNIQUE,
    search tsvector NOT NULL,
    currency text COLLATE "C" NOT NULL,
    price bigint NOT NULL CHECK (price BETWEEN 0 AND 1000000000000),
    stock bigint NOT NULL CONSTRAINT products_stock CHECK (stock BETWEEN 0 AND 1000000000000),
    received_total bigint NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  ) WITH (fillfactor = 80)`,
  `CREATE INDEX products_by_category ON ${schema}.products (category_id, id) WHERE active`,
  `CREATE INDEX products_by_name ON ${schema}.products (name, id) WHERE active`,
  `CREATE INDEX products_by_price ON ${schema}.products (currency, price, id) WHERE active`,
  `CREATE INDEX products_by_words ON ${schema}.products USING gin (search)`,

  // The first adjustment of a product is its opening stock. products.received_total is the sum of all adjustments.
  `CREATE TABLE ${schema}.stock_adjustments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    product_id uuid NOT NULL REFERENCES ${schema}.products,
    delta bigint NOT NULL,
    reason text,
    at timestamptz NOT NULL,
    actor text NOT NULL
  )`,

  // customer_id has no foreign key, since it may be a user of the host. Equal ids have equal bytes.
  `CREATE TABLE ${schema}.orders (
    id uuid PRIMARY KEY,
    customer_id text COLLATE "C" NOT NULL,
    status text NOT NULL CHECK (status IN ('CREATED', 'PAID', 'SHIPPED', 'COMPLETED', 'FAILED')),
    currency text COLLATE "C" NOT NULL,
    total bigint NOT NULL CHECK (total BETWEEN 0 AND 9007199254740991),
    metadata jsonb NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  `CREATE INDEX orders_by_customer ON ${schema}.orders (customer_id, id)`,
  `CREATE INDEX orders_by_status ON ${schema}.orders (status, id)`,
  `CREATE INDEX orders_by_time ON ${schema}.orders (created_at) INCLUDE (status, currency, total)`,

  // Items and events have no foreign key to their order: one statement writes all three, and the check took 40 %
  // of it. `verify` finds rows without an order.

  // A price snapshot is independent of its product, so there is no foreign key.
  `CREATE TABLE ${schema}.order_items (
    order_id uuid NOT NULL,
    position smallint NOT NULL,
    product_id uuid NOT NULL,
    name text NOT NULL,
    sku text,
    unit_price bigint NOT NULL CHECK (unit_price >= 0),
    quantity bigint NOT NULL CHECK (quantity > 0),
    total bigint NOT NULL CHECK (total = unit_price * quantity),
    PRIMARY KEY (order_id, position)
  )`,

  // The history of each order and, by transaction, the feed. See Decision 13 of ARCHITECTURE.md.
  `CREATE TABLE ${schema}.order_events (
    order_id uuid NOT NULL,
    sequence integer NOT NULL,
    event text NOT NULL,
    from_status text,
    to_status text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    epoch integer NOT NULL DEFAULT 1,
    PRIMARY KEY (order_id, sequence)
  )`,
  `CREATE INDEX order_events_feed ON ${schema}.order_events (epoch, xid, order_id, sequence)`,

  // Generations of transaction ids. The newest is the default of order_events.epoch.
  `CREATE TABLE ${schema}.feed_epochs (
    epoch integer PRIMARY KEY,
    system_identifier text,
    started_at timestamptz NOT NULL
  )`,
  `INSERT INTO ${schema}.feed_epochs (epoch, started_at) VALUES (1, now())`,

  `CREATE TABLE ${schema}.payments (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES ${schema}.orders,
    status text NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'DECLINED', 'CANCELLED')),
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    payment_method text NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    leased_until timestamptz
  )`,
  `CREATE INDEX payments_by_order ON ${schema}.payments (order_id, id)`,
  `CREATE UNIQUE INDEX payments_one_per_order ON ${schema}.payments (order_id)
    WHERE status IN ('PENDING', 'APPROVED')`,
  `CREATE INDEX payments_pending ON ${schema}.payments (created_at) WHERE status = 'PENDING'`,

  // A claimed but unfulfilled key exists only inside the transaction that claims it.
  `CREATE TABLE ${schema}.idempotency_keys (
    scope text NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    fingerprint text,
    resource_id uuid,
    response jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (scope, operation, key)
  )`,
  `CREATE INDEX idempotency_keys_age ON ${schema}.idempotency_keys (created_at)`
]
