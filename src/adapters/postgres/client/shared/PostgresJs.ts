import { Effect, type Scope } from "effect"
import type { SqlConnection, SqlError } from "effect/sql"
import type { PostgresJsClient, PostgresJsScope } from "../../../../settings/SharedPool.ts"
import { runWithPostgresJs } from "../../host-transaction/drivers/PostgresJs.ts"
import { hostFailure } from "../../host-transaction/HostErrors.ts"
import type { TransactionControls } from "../BoundedTransactions.ts"
import {
  connectionOf,
  endsConnection,
  isRefusedStatement,
  lostConnection,
  notConnected
} from "./SharedConnection.ts"

/** A client of the host that prepares nothing (`prepare: false`) prepares nothing of ours either. */
const prepared = { prepare: true }

/** Codes of errors before anything was sent: the pool is closed, or no connection can be opened. */
const beforeSending = /^(CONNECTION_ENDED|CONNECT_TIMEOUT|ECONNREFUSED|ENOTFOUND|28...|3D000|53300|57P03)$/

const classified = (error: unknown): SqlError.SqlError =>
  beforeSending.test(String(Object(error).code)) ? notConnected(error) : hostFailure(error)

/** Returns the connection for statements outside of transactions: each runs on any connection of the client. */
export const anyConnection = (client: PostgresJsClient): SqlConnection.Connection =>
  connectionOf(
    async (statement, parameters) => ({
      rows: await runWithPostgresJs(client, statement, parameters, prepared)
    }),
    classified
  )

/** A transaction or a savepoint that is open. */
interface OpenScope {
  readonly scope: PostgresJsScope
  /** Commits or releases it, or rolls it back. Resolves when the server has answered. */
  readonly end: (isKept: boolean) => Promise<void>
}

const undone = new Error("rolled back")

/**
 * A transaction of postgres.js. The library itself sends BEGIN, COMMIT and ROLLBACK. With `sql.reserve` it would write to the socket
 * of a connection that is lost, outside of any promise, which ends the process.
 */
class Transaction {
  readonly #client: PostgresJsClient
  readonly #scopes: Array<OpenScope> = []
  #isLost = false
  #isOver = false
  readonly connection: SqlConnection.Connection

  constructor(client: PostgresJsClient) {
    this.#client = client
    this.connection = connectionOf(
      async (statement, parameters) => {
        if (this.#isLost || this.#isOver) throw lostConnection()
        // Before BEGIN a statement runs on any connection of the client.
        const session = this.#scopes.at(-1)?.scope ?? this.#client
        return { rows: await runWithPostgresJs(session, statement, parameters, prepared) }
      },
      (error) => this.#noticed(classified(error))
    )
  }

  #noticed(failure: SqlError.SqlError): SqlError.SqlError {
    // A transaction that a read-only server refuses is rolled back as any other: the client lends its connection until then.
    if (endsConnection(failure) && !isRefusedStatement(failure)) this.#isLost = true
    return failure
  }

  /** Resolves once the scope is entered, and rejects if it cannot be. */
  #open(start: (work: (scope: PostgresJsScope) => Promise<void>) => Promise<unknown>): Promise<OpenScope> {
    return new Promise((resolve, reject) => {
      const { promise: told, resolve: keep, reject: undo } = Promise.withResolvers<void>()
      const end = async (isKept: boolean) => {
        // The scope of a lost connection is never left: the library would write ROLLBACK to it.
        if (this.#isLost) throw lostConnection()
        if (isKept) keep()
        else undo(undone)
        await ended.catch((error: unknown) => {
          if (error !== undone) throw error
        })
      }
      const ended = start((scope) => {
        resolve({ scope, end })
        return told
      })
      ended.catch(reject)
    })
  }

  async begin(statement: string, settings: string): Promise<void> {
    const options = statement.replace(/^BEGIN\s*/i, "")
    const opened = await this.#open((work) => {
      const ended = this.#client.begin(options, work)
      ended.catch((error: unknown) => {
        if (error !== undone) this.#isLost = true
      })
      return ended
    })
    // It was given up while it waited for a connection.
    if (this.#isOver) return opened.end(false)
    this.#scopes.push(opened)
    // It is sent with the next statement, which fails if this one does.
    this.#send(settings)
  }

  #send(statement: string) {
    this.#scopes[0]?.scope
      .unsafe(statement, [])
      .raw()
      .then(
        () => {},
        () => {}
      )
  }

  async savepoint(): Promise<void> {
    const scope = this.#scopes.at(-1)?.scope
    if (this.#isLost || scope === undefined) throw lostConnection()
    this.#scopes.push(await this.#open((work) => scope.savepoint(work)))
  }

  /** Ends the scope of this depth, unless it has ended. 0 is the transaction itself. */
  async end(depth: number, isKept: boolean): Promise<void> {
    if (this.#scopes.length > depth) await this.#scopes.pop()?.end(isKept)
  }

  /** Rolls back whatever is open, if the connection is still there. PostgreSQL itself does so if it is lost. */
  async rollback(): Promise<void> {
    this.#isOver = true
    while (this.#scopes.length > 0 && !this.#isLost) await this.end(0, false)
  }
}

const transactions = new WeakMap<SqlConnection.Connection, Transaction>()

/** Returns the acquirer of transactions of a client of postgres.js. */
export const transactionOf = (
  client: PostgresJsClient
): Effect.Effect<SqlConnection.Connection, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Transaction(client)),
      // One that was given up while it waited for a connection or an answer.
      (transaction) => Effect.sync(() => void transaction.rollback().catch(() => {}))
    ),
    (transaction) => {
      transactions.set(transaction.connection, transaction)
      return transaction.connection
    }
  )

const controlled = (
  connection: SqlConnection.Connection,
  work: (transaction: Transaction) => Promise<unknown>,
  failure: (error: unknown) => SqlError.SqlError = classified
) => {
  const transaction = transactions.get(connection)
  return transaction === undefined
    ? Effect.die(new Error("The connection is no transaction of postgres.js"))
    : Effect.tryPromise({ try: () => work(transaction), catch: failure })
}

/** Controls of the transactions of `transactionOf`. `settings` are statements that each begins with. */
export const scopeControls = (settings: string): TransactionControls => ({
  begin: (connection, statement) =>
    controlled(connection, (transaction) => transaction.begin(statement, settings), notConnected),
  commit: (connection) => controlled(connection, (transaction) => transaction.end(0, true)),
  rollback: (connection) => controlled(connection, (transaction) => transaction.rollback()),
  savepoint: (connection) => controlled(connection, (transaction) => transaction.savepoint()),
  releaseSavepoint: (connection, id) => controlled(connection, (transaction) => transaction.end(id, true)),
  rollbackSavepoint: (connection, id) => controlled(connection, (transaction) => transaction.end(id, false))
})
