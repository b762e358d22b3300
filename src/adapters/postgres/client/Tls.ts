import { readFileSync } from "node:fs"
import type { ConnectionOptions } from "node:tls"
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
