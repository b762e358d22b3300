/**
 * SQL statements of migration 7: reset tokens and service tokens. `schema` is the quoted schema name. Columns that may be NULL are added
 * without rewriting or scanning a table, and so are constraints that are not validated.
 */
export const accounts = (schema: string): ReadonlyArray<string> => [
  // A reset token is in the row of its account, so that one conditional UPDATE uses it and a newer one replaces it.
  `ALTER TABLE ${schema}.accounts
    ADD COLUMN reset_token_hash text,
    ADD COLUMN reset_expires_at timestamptz,
    ADD CONSTRAINT accounts_reset CHECK ((reset_token_hash IS NULL) = (reset_expires_at IS NULL)) NOT VALID`,
  `CREATE UNIQUE INDEX accounts_by_reset ON ${schema}.accounts (reset_token_hash) WHERE reset_token_hash IS NOT NULL`,
  // Disabling an admin locks all admins who are not disabled.
  `CREATE INDEX accounts_admins ON ${schema}.accounts (id) WHERE role = 'admin'`,

  // created_by has no foreign key, since it may be a name of the host.
  `CREATE TABLE ${schema}.service_tokens (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    normalized_name text NOT NULL CONSTRAINT service_tokens_normalized_name_key UNIQUE,
    token_hash text NOT NULL CONSTRAINT service_tokens_token_hash_key UNIQUE,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
  )`
]
