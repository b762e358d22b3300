import { SqlError } from "effect/sql"
import { isConnecting, sqlState } from "./SqlErrors.ts"

/** SQLSTATE codes of a refused connection: class 28 (user, password, pg_hba.conf), an unknown database, no right to CONNECT. */
const refused = /^(28...|3D000|42501)$/

/** Message of the driver if a server answers that it has no TLS. */
const noTls = "The server does not support TLS"

/** Codes of Node and OpenSSL for certificates that are not trusted, or belong to another host. */
const untrusted = /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_)/

/** Parameters of a URL whose files cannot be read. */
const unreadableFile = /^ssl\w+: /

const causeOf = ({ reason }: SqlError.SqlError): unknown => ("cause" in reason ? reason.cause : undefined)

/** Returns whether the server has no TLS. */
export const lacksTls = (error: SqlError.SqlError): boolean => {
  const cause = causeOf(error)
  return cause instanceof Error && cause.message === noTls
}

/** Returns whether a connection was refused, by the server or because of TLS. Retries do not help. */
export const isConnectionRefused = (error: unknown): error is SqlError.SqlError => {
  if (!(SqlError.isSqlError(error) && isConnecting(error))) return false
  if (refused.test(sqlState(error)) || lacksTls(error)) return true
  const cause = causeOf(error)
  if (!(cause instanceof Error)) return false
  return unreadableFile.test(cause.message) || ("code" in cause && untrusted.test(String(cause.code)))
}
