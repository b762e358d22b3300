import type { Executor } from "../HostConnection.ts"
import type { HostParameter } from "../HostValues.ts"

/** The used part of the client that `prisma.$transaction` passes. */
export interface PrismaTransaction {
  $queryRawUnsafe(statement: string, ...parameters: Array<HostParameter>): PromiseLike<unknown>
  /** Only `PrismaClient` itself has this method. Its statements would run on arbitrary connections. */
  readonly $connect?: never
}

/** What a driver adapter of Prisma says of an error of PostgreSQL, or of a connection. */
interface AdapterCause {
  readonly kind?: string
  readonly originalCode?: string
  readonly originalMessage?: string
  readonly constraint?: { readonly index?: string }
}

/** Kinds of errors of connections that are lost. */
const connectionKind = /^(ConnectionClosed|DatabaseNotReachable|SocketTimeout|TlsConnectionError)$/

/** Prisma has codes of its own (`P2010`). The SQLSTATE is in what its driver adapter says. */
const driverError = (error: unknown): unknown => {
  const adapterError = Object(Object(Object(error).meta).driverAdapterError)
  const cause: AdapterCause = Object(adapterError.cause)
  const isLost = connectionKind.test(cause.kind ?? "")
  const code = isLost ? "CONNECTION_CLOSED" : cause.originalCode
  return code === undefined
    ? error
    : Object.assign(new Error(cause.originalMessage ?? cause.kind, { cause: error }), {
        code,
        constraint: cause.constraint?.index
      })
}

/** Returns the executor of an interactive transaction of Prisma with a driver adapter for PostgreSQL. */
export const fromPrisma =
  (transaction: PrismaTransaction): Executor =>
  async (statement, parameters) => {
    try {
      return (await transaction.$queryRawUnsafe(statement, ...parameters)) as ReadonlyArray<object>
    } catch (error) {
      throw driverError(error)
    }
  }
