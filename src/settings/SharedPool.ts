/** The used parts of pools that hosts share with effect-commerce. They are structural: no library is imported for them. */
import { Predicate } from "effect"

/** One statement as node-postgres takes it. */
export interface PgStatement {
  readonly text: string
  values?: Array<string | boolean | null>
  readonly types?: { getTypeParser(type: number): (text: string) => unknown }
}

/** The used part of a `PoolClient` of node-postgres. */
export interface PgPoolClient {
  query(statement: PgStatement): Promise<{ readonly rows: ReadonlyArray<object>; readonly command?: string }>
  on(event: "error", listener: (error: Error) => void): unknown
  removeListener(event: "error", listener: (error: Error) => void): unknown
  release(destroy?: boolean): void
}

/** The used part of a `Pool` of node-postgres (`pg`). */
export interface PgPool {
  connect(): Promise<PgPoolClient>
  readonly options: { readonly max?: number | undefined }
  readonly totalCount: number
}

/** The rows of postgres.js in raw mode. */
export interface PostgresJsRows extends ReadonlyArray<ReadonlyArray<Uint8Array | null>> {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: number }>
}

/** What a client of postgres.js and its transactions have in common. */
export interface PostgresJsSession {
  unsafe(
    statement: string,
    parameters: Array<never>,
    options?: { readonly prepare?: boolean }
  ): { raw(): PromiseLike<PostgresJsRows> }
  typed(value: string | boolean | null, type: number): unknown
}

/** The used part of a transaction of postgres.js. */
export interface PostgresJsScope extends PostgresJsSession {
  savepoint(work: (scope: PostgresJsScope) => Promise<unknown>): Promise<unknown>
}

/** The used part of a client of postgres.js, as `postgres(url)` returns it. */
export interface PostgresJsClient extends PostgresJsSession {
  begin(options: string, work: (scope: PostgresJsScope) => Promise<unknown>): Promise<unknown>
  readonly options: { readonly max: number }
}

/** A pool of the host's: a `Pool` of node-postgres, or a client of postgres.js. */
export type SharedPool = PgPool | PostgresJsClient

const has = (value: unknown, ...names: ReadonlyArray<string>) =>
  names.every((name) => Predicate.hasProperty(value, name) && Predicate.isFunction(value[name]))

/** Returns whether a value is a `Pool` of node-postgres. A `Client` of it is none. */
export const isPgPool = (value: unknown): value is PgPool =>
  has(value, "connect", "query") && Predicate.hasProperty(value, "totalCount")

/** Returns whether a value is a pool that can be shared. */
export const isSharedPool = (value: unknown): value is SharedPool =>
  isPgPool(value) || has(value, "begin", "unsafe", "typed")
