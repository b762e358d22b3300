import { Array as Arr, Duration, Result } from "effect"

/** Which servers a connection may use, as in libpq: `any`, or by whether they accept writes or are standbys. */
export type TargetSessionAttrs = (typeof targetSessionAttrs)[number]

const targetSessionAttrs = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const

/** One server of a connection URL. */
export interface ServerAddress {
  /** Name, address, or the directory of a Unix socket. */
  readonly host: string
  readonly port: number
  /** The same URL with this server alone. */
  readonly url: string
}

/** How a connection is encrypted, and whose certificate is accepted: libpq's `sslmode`. */
export type SslMode = (typeof sslModes)[number]

const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const

/** TLS to the servers. Files are paths of PEM files. */
export interface TlsSettings {
  readonly mode: SslMode
  /** Certificates of the authorities that are trusted, or `system`: those that Node trusts, which is the default. */
  readonly rootCert: string | undefined
  /** Certificate and key of the client. */
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** A connection URL, which may name several servers. */
export interface ConnectionUrl {
  readonly servers: Arr.NonEmptyReadonlyArray<ServerAddress>
  readonly targetSessionAttrs: TargetSessionAttrs
  readonly tls: TlsSettings
  /** `connect_timeout`: how long each server has. `undefined` if the URL does not say it. */
  readonly connectTimeout: Duration.Duration | undefined
}

/** Parameters that the driver understands. */
const driverParameters = [
  "application_name",
  "connect_timeout",
  "dbname",
  "options",
  "password",
  "user"
] as const

/** Parameters of TLS, with `ssl` of JDBC and node-postgres. */
const tlsParameters = ["ssl", "sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding"] as const

const knownParameters: ReadonlyArray<string> = [
  ...driverParameters,
  ...tlsParameters,
  "host",
  "port",
  "target_session_attrs"
]

/** `ssl` names fewer modes than `sslmode`. A mode of libpq is accepted in both. */
const sslAliases: Readonly<Record<string, SslMode>> = {
  true: "require",
  "1": "require",
  false: "disable",
  "0": "disable"
}

const modeOf = (given: string): SslMode | undefined => sslModes.find((mode) => mode === given)

/** Returns the settings of TLS, or what is wrong with them. */
const parseTls = (parameters: URLSearchParams): Result.Result<TlsSettings, string> => {
  const [ssl, sslMode] = [parameters.get("ssl"), parameters.get("sslmode")]
  const alias = ssl === null ? undefined : (sslAliases[ssl] ?? modeOf(ssl))
  if (ssl !== null && alias === undefined) {
    return Result.fail("Expected ssl to be true or false. Write sslmode for more")
  }
  const given = sslMode === null ? undefined : modeOf(sslMode)
  if (sslMode !== null && given === undefined) {
    return Result.fail(`Expected sslmode to be one of ${sslModes.join(", ")}`)
  }
  if (alias !== undefined && given !== undefined && (alias === "disable") !== (given === "disable")) {
    return Result.fail("ssl and sslmode contradict each other")
  }
  const channelBinding = parameters.get("channel_binding") ?? "prefer"
  if (!["disable", "prefer"].includes(channelBinding)) {
    return Result.fail(
      "channel_binding can be disable or prefer, because the driver has no channel binding. Remove it, and write sslmode=verify-full to verify the server"
    )
  }
  const [rootCert, cert, key] = ["sslrootcert", "sslcert", "sslkey"].map(
    (name) => parameters.get(name) ?? undefined
  )
  const named = given ?? alias
  if (named === undefined && (rootCert ?? cert ?? key) !== undefined) {
    return Result.fail("sslrootcert, sslcert and sslkey need sslmode, such as verify-full")
  }
  if (rootCert === "system" && named !== "verify-full") {
    return Result.fail("sslrootcert=system needs sslmode=verify-full")
  }
  if ((cert === undefined) !== (key === undefined)) return Result.fail("sslcert and sslkey need each other")
  return Result.succeed({ mode: named ?? "disable", rootCert, cert, key })
}

const parts =
  /^(?<scheme>postgres(?:ql)?):\/\/(?:(?<user>[^@/?]*)@)?(?<hosts>[^/?]*)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/

const ipv6 = /^\[(.*)\]$/

const isText = (encoded: string) => Result.isSuccess(Result.try(() => decodeURIComponent(encoded)))

const splitHost = (text: string): readonly [host: string, port: string] => {
  const [, host = "", port = ""] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(text) ?? [undefined, text]
  return [host, port]
}

/** One port for all hosts, or one for each. */
const portsOf = (hosts: ReadonlyArray<string>, ports: ReadonlyArray<string>) =>
  ports.length === 1 ? hosts.map(() => ports[0] ?? "") : ports

/**
 * Parses a connection URL as libpq does (PostgreSQL documentation, chapter 34.1.1.2): several hosts, separated by
 * commas, each with its port. Fails with the reason, which names the parameter at fault and contains no password.
 */
export const parseConnectionUrl = (input: string): Result.Result<ConnectionUrl, string> => {
  const text = input.trim()
  if (text.includes("#")) return Result.fail("Write # as %23")
  const { scheme, user, hosts = "", path = "", query = "" } = parts.exec(text)?.groups ?? {}
  if (scheme === undefined) return Result.fail("Expected postgres://…")
  if (![user ?? "", hosts, path].every(isText)) return Result.fail("Expected % with two hexadecimal digits")

  const parameters = new URLSearchParams(query)
  const unknown = [...parameters.keys()].find((name) => !knownParameters.includes(name))
  if (unknown !== undefined) {
    return Result.fail(`Unknown parameter ${unknown}. Known parameters: ${knownParameters.join(", ")}`)
  }
  const wanted = parameters.get("target_session_attrs") ?? "any"
  const attrs = targetSessionAttrs.find((one) => one === wanted)
  if (attrs === undefined) {
    return Result.fail(`Expected target_session_attrs to be one of ${targetSessionAttrs.join(", ")}`)
  }

  const tls = parseTls(parameters)
  if (Result.isFailure(tls)) return Result.fail(tls.failure)
  const timeout = parameters.get("connect_timeout")
  if (timeout !== null && !/^\d{1,6}$/.test(timeout)) {
    return Result.fail("Expected connect_timeout to be a number of seconds, or 0 for no limit")
  }
  if (hosts.includes("@")) return Result.fail("Write @ in the user or the password as %40")

  const authority = hosts.split(",").map(splitHost)
  const names = parameters.get("host")?.split(",") ?? authority.map(([host]) => decodeURIComponent(host))
  const ports = portsOf(names, parameters.get("port")?.split(",") ?? authority.map(([, port]) => port))
  if (ports.length !== names.length) {
    return Result.fail("Expected one port for all hosts, or one for each host")
  }
  for (const name of ["host", "port", "target_session_attrs", ...tlsParameters]) parameters.delete(name)

  const servers: Array<ServerAddress> = []
  for (const [index, name] of names.entries()) {
    const port = ports[index] === "" ? 5432 : Number(ports[index])
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      return Result.fail("Expected a port from 1 to 65535")
    }
    const host = name === "" ? "localhost" : (ipv6.exec(name)?.[1] ?? name)
    const isSocket = host.startsWith("/")
    const own = new URLSearchParams(isSocket ? { host, port: String(port) } : {})
    // A URL with a user needs a host. The parameter overrides it.
    const address = isSocket
      ? user === undefined
        ? ""
        : "localhost"
      : `${host.includes(":") ? `[${host}]` : encodeURIComponent(host)}:${port}`
    const search = new URLSearchParams([...parameters, ...own]).toString()
    const url = `${scheme}://${user === undefined ? "" : `${user}@`}${address}${path}${search === "" ? "" : `?${search}`}`
    if (!URL.canParse(url)) return Result.fail("Expected postgres://…")
    servers.push({ host, port, url })
  }
  return Arr.isArrayNonEmpty(servers)
    ? Result.succeed({
        servers,
        targetSessionAttrs: attrs,
        tls: tls.success,
        connectTimeout:
          timeout === null
            ? undefined
            : Number(timeout) === 0
              ? Duration.infinity
              : Duration.seconds(Number(timeout))
      })
    : Result.fail("Expected a host")
}
