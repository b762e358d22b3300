import { existsSync } from "node:fs"
import path from "node:path"
import { Console, Effect, Logger, References } from "effect"
import { HttpServer } from "effect/http"
import { firstAdmin } from "../../adapters/postgres/accounts/AccountRecords.ts"
import { prefixOf } from "../../http/boundary/BasePath.ts"
import { type Admin, embeddedEmail } from "./Admin.ts"
import { commandLine } from "./CommandLine.ts"
import { isPretty, unreachable } from "./Layers.ts"
import { isSimulated, type Settings } from "./Settings.ts"
import { screen, wrap } from "./Terminal.ts"

/** What a start tells. It is sent as JSON from a worker to its primary. */
export interface Start {
  readonly address: string
  readonly admin: Admin | undefined
  /** The text about the admin. */
  readonly who: string | undefined
  readonly metricsAddress: string | undefined
}

/** Collects what a start tells, once the server listens. */
export const describeStart = Effect.fnUntraced(function* (
  read: Settings,
  { admin, metricsAddress }: Pick<Start, "admin" | "metricsAddress">
) {
  const { address } = yield* HttpServer.HttpServer
  const who = yield* whoIsAdmin(read, admin)
  return { address: HttpServer.formatAddress(address), admin, who, metricsAddress } satisfies Start
})

/**
 * Writes a message to standard output, whatever the log level is. Among lines of JSON it is one of them, with a blank between its lines.
 * It reaches no collector of logs by OTLP, because it may have a password in it.
 */
const say = (read: Settings, lines: ReadonlyArray<string>) =>
  isPretty(read)
    ? Console.log(lines.join("\n"))
    : Effect.log(lines.join(" ")).pipe(
        Effect.provide(Logger.layer([Logger.consoleJson])),
        Effect.provideService(References.MinimumLogLevel, "All")
      )

/** Breaks lines between words on a terminal. */
const inColumns = (read: Settings, lines: ReadonlyArray<string>, indent: number): ReadonlyArray<string> => {
  const { columns, isTerminal } = screen()
  return isTerminal && isPretty(read) ? lines.map((line) => wrap(line, columns, indent)) : lines
}

/** A command that a terminal shows in full, and that can be copied from there: a backslash ends each line but the last. */
const commandOf = (parts: ReadonlyArray<string>): string =>
  parts.join(screen().isTerminal ? " \\\n         " : " ")

const firstCommand = (read: Settings, api: string, admin: Admin | undefined): string => {
  // The password in the line of the admin is enough where a log is kept.
  if (admin?.password === undefined || !isPretty(read)) return `curl ${api}/products`
  const credentials = JSON.stringify({ email: admin.email, password: admin.password })
  return commandOf([`curl ${api}/auth/login`, "-H 'Content-Type: application/json'", `-d '${credentials}'`])
}

/** The address of any shop. */
const shopsAt = ({ http: { basePath }, server: { shops } }: Settings, address: string): string => {
  if (shops === "path") return `${address}${prefixOf(basePath)}/shops/{name}`
  const { port } = new URL(address)
  return `http://${shops.replace("*", "{name}")}${port === "" ? "" : `:${port}`}${prefixOf(basePath)}`
}

/** Prints the addresses, the location of the data, and the admin to standard output. */
export const announce = (read: Settings, { address, admin, metricsAddress, who }: Start) => {
  const api = `${address}${prefixOf(read.http.basePath)}`
  const lines = [
    "effect-commerce is ready",
    `  API    ${api}`,
    `  docs   ${api}/docs`,
    `  data   ${whereDataIs(read)}`,
    ...(metricsAddress === undefined ? [] : [`  metrics ${metricsAddress}/metrics`]),
    ...(read.server.shops === "off" ? [] : [`  shops  ${shopsAt(read, address)}`]),
    ...(read.server.workers === 1 ? [] : [`  work   ${read.server.workers} processes`]),
    isSimulated(read)
      ? "  pay    simulated: customers approve their own payments, and no money moves (PAYMENTS=simulated)"
      : "  pay    recorded: customers cannot pay here, the shop records its charges (PAYMENTS=recorded)",
    ...(who === undefined ? [] : [`  admin  ${who}`])
  ]
  return say(read, [...inColumns(read, lines, 9), `  try    ${firstCommand(read, api, admin)}`])
}

const whoIsAdmin = (read: Settings, admin: Admin | undefined) =>
  admin !== undefined
    ? Effect.succeed(`${admin.email}${aboutPassword(read, admin)}`)
    : Effect.map(Effect.mapError(firstAdmin(read.database.schema), unreachable(read)), (email) =>
        email !== undefined
          ? undefined
          : `none yet: set ADMIN_EMAIL and ADMIN_PASSWORD, or run ${commandLine("create-admin")}`
      )

const aboutPassword = ({ server: { adminEmail } }: Settings, { email, password }: Admin): string => {
  if (adminEmail !== undefined || email !== embeddedEmail) return ""
  return password === undefined
    ? ` (its password was shown at the first start; ${commandLine("create-admin")} creates another admin while no server runs)`
    : `, password ${password} (created now, shown once)`
}

const whereDataIs = ({ database: { embedded, schema, url } }: Settings): string => {
  if (url !== undefined) return `PostgreSQL at DATABASE_URL, schema ${schema}`
  return embedded === "memory"
    ? "embedded PostgreSQL in memory, lost when the server stops"
    : `embedded PostgreSQL in ${path.resolve(embedded)}`
}

/** Announces the creation of an embedded database, which takes seconds. */
export const sayIfFirst = (read: Settings) => {
  const { embedded, url } = read.database
  const directory = path.resolve(embedded)
  return url === undefined && embedded !== "memory" && !existsSync(directory)
    ? say(
        read,
        inColumns(read, [`Creating the embedded database in ${directory}. This takes a few seconds`], 2)
      )
    : Effect.void
}
