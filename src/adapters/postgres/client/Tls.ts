import { readFileSync } from "node:fs"
import type { ConnectionOptions } from "node:tls"
import { type SqlError, SqlError as SqlErrors } from "effect/sql"
import type { ServerAddress, TlsSettings } from "../../../settings/ConnectionUrl.ts"

/** How one attempt to connect uses TLS. `false`: not at all. */
export type TlsOptions = ConnectionOptions | false

const readPem = (parameter: string, file: string | undefined): Buffer | undefined => {
  if (file === undefined) return undefined
  try {
    return readFileSync(file)
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? cause.code : cause
    throw new Error(`${parameter}: ${file} cannot be read (${reason})`, { cause })
  }
}

/**
 * The attempts of a mode, in order, as libpq makes them (PostgreSQL documentation, chapter 34.19). Throws if a file cannot be
 * read. Files are read for each connection, so that a renewed certificate is used.
 */
export const tlsAttempts = (
  { cert, key, mode, rootCert }: TlsSettings,
  { host }: ServerAddress
): ReadonlyArray<TlsOptions> => {
  // A Unix socket has no TLS.
  if (mode === "disable" || host.startsWith("/")) return [false]
  // With a root certificate, libpq's `require` verifies like `verify-ca`.
  const isVerified = mode.startsWith("verify-") || (mode === "require" && rootCert !== undefined)
  const ca = rootCert === "system" ? undefined : readPem("sslrootcert", rootCert)
  const options: ConnectionOptions = {
    rejectUnauthorized: isVerified,
    ...(ca && { ca }),
    ...(cert !== undefined && { cert: readPem("sslcert", cert) }),
    ...(key !== undefined && { key: readPem("sslkey", key) }),
    ...(mode === "verify-full" ? {} : { checkServerIdentity: () => undefined })
  }
  if (mode === "allow") return [false, options]
  return mode === "prefer" ? [options, false] : [options]
}

/** Message of the driver if a server answers that it has no TLS. */
const noTls = "The server does not support TLS"

/** Codes of Node and OpenSSL for certificates that are not trusted, or belong to another host. */
const untrusted = /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_)/

const causeOf = ({ reason }: SqlError.SqlError): unknown => ("cause" in reason ? reason.cause : undefined)

/** Whether the server has no TLS. */
export const lacksTls = (error: SqlError.SqlError): boolean => {
  const cause = causeOf(error)
  return cause instanceof Error && cause.message === noTls
}

/** Whether TLS with the server is refused, by it or by us: repeating does not help. */
export const isTlsRefused = (error: unknown): error is SqlError.SqlError => {
  if (!SqlErrors.isSqlError(error)) return false
  const cause = causeOf(error)
  if (!(cause instanceof Error)) return false
  return (
    lacksTls(error) ||
    ("code" in cause && untrusted.test(String(cause.code))) ||
    /^ssl\w+: /.test(cause.message)
  )
}
