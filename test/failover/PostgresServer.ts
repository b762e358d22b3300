/** Servers of Debian's PostgreSQL, with streaming standbys. */
import fs from "node:fs"
import path from "node:path"
import { setTimeout } from "node:timers/promises"
import { Effect, Redacted, type Scope } from "effect"
import { freePort } from "../support/EmbeddedServer.ts"
import { type Machine, machine } from "./Machine.ts"

const versions = "/usr/lib/postgresql"

const newest = fs.existsSync(versions)
  ? fs
      .readdirSync(versions)
      .filter((version) => fs.existsSync(path.join(versions, version, "bin", "initdb")))
      .sort((a, b) => Number(b) - Number(a))[0]
  : undefined

export const isInstalled = newest !== undefined

/** Where the programs of PostgreSQL are. */
export const programs = path.join(versions, newest ?? "", "bin")

export const program = (name: string) => path.join(programs, name)

export type Settings = Readonly<Record<string, string>>

const common: Settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // What a killed process has written stays: only a machine that loses power needs it.
  fsync: "off",
  shared_buffers: "32MB",
  max_connections: "100",
  wal_log_hints: "on",
  wal_keep_size: "256MB"
}

const file = (settings: Settings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join("")

export interface PostgresServer {
  readonly machine: Machine
  readonly port: number
  readonly url: Redacted.Redacted
  readonly data: string
  /** Starts it, and waits until it answers. */
  readonly start: () => Promise<void>
  /** As an administrator does: ends all connections, and waits until standbys have all. */
  readonly stop: () => Promise<void>
  /** Runs a statement, and returns its rows as text. */
  readonly sql: (statement: string, database?: string) => Promise<string>
  /** Changes settings while it runs. */
  readonly set: (settings: Settings) => Promise<void>
  /** Makes a standby a primary. Returns when it accepts writes. */
  readonly promote: () => Promise<void>
}

const makeServer = (machine: Machine, port: number): PostgresServer => {
  const data = path.join(machine.directory, "data")
  const control = (...args: ReadonlyArray<string>) => machine.run(program("pg_ctl"), ["-D", data, ...args])
  const sql: PostgresServer["sql"] = (statement, database = "postgres") =>
    machine.run(program("psql"), [
      ...["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", `${port}`, "-U", "postgres"],
      ...["-d", database, "-c", statement]
    ])
  return {
    machine,
    port,
    data,
    url: Redacted.make(`postgres://postgres@127.0.0.1:${port}/postgres`),
    start: async () => {
      const child = machine.start(program("postgres"), ["-D", data])
      for (;;) {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`PostgreSQL does not start:\n${machine.log()}`)
        }
        const answer = await sql("SELECT 1").catch(() => "")
        if (answer === "1") return
        await setTimeout(50)
      }
    },
    stop: async () => void (await control("stop", "-m", "fast")),
    sql,
    set: async (settings) => {
      for (const [name, value] of Object.entries(settings)) await sql(`ALTER SYSTEM SET ${name} = '${value}'`)
      await sql("SELECT pg_reload_conf()")
    },
    promote: async () => void (await control("promote"))
  }
}

/** A server without data, not started. */
const emptyServer = Effect.fnUntraced(function* (name: string, port?: number) {
  const where = yield* machine(name)
  return makeServer(where, port ?? (yield* Effect.promise(freePort)))
})

/** A running server with an empty database. */
export const primary = Effect.fnUntraced(function* (
  settings: Settings = {},
  port?: number
): Effect.fn.Return<PostgresServer, never, Scope.Scope> {
  const server = yield* emptyServer("primary", port)
  const { data, machine } = server
  yield* Effect.promise(async () => {
    await machine.run(program("initdb"), [
      ...["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    ])
    fs.appendFileSync(
      path.join(data, "postgresql.conf"),
      file({ ...common, ...settings, port: `${server.port}` })
    )
    await server.start()
  })
  return server
})

/** Copies a running server, as a base backup does. The copy is not started. */
export const baseBackup = Effect.fnUntraced(function* (
  { port: from }: { readonly port: number },
  settings: Settings = {},
  port?: number
): Effect.fn.Return<PostgresServer, never, Scope.Scope> {
  const server = yield* emptyServer("copy", port)
  const { data, machine } = server
  yield* Effect.promise(async () => {
    await machine.run(program("pg_basebackup"), [
      ...["-h", "127.0.0.1", "-p", `${from}`, "-U", "postgres", "-D", data],
      ...["--checkpoint=fast", "--wal-method=stream", "--no-sync"]
    ])
    fs.rmSync(path.join(data, "postgresql.auto.conf"), { force: true })
    fs.appendFileSync(path.join(data, "postgresql.conf"), file({ ...settings, port: `${server.port}` }))
  })
  return server
})

/** A running standby of a server, which it reaches at `through`. */
export const standbyOf = Effect.fnUntraced(function* (
  server: { readonly port: number },
  settings: Settings = {},
  { through = server.port, port }: { readonly through?: number; readonly port?: number } = {}
) {
  const connection = `host=127.0.0.1 port=${through} user=postgres application_name=standby`
  const standby = yield* baseBackup(server, { ...settings, primary_conninfo: connection }, port)
  yield* Effect.promise(async () => {
    standby.machine.write("data/standby.signal", "")
    await standby.start()
  })
  return standby
})

/** Waits until a statement gives this answer. */
export const until = async (server: PostgresServer, statement: string, wanted: string) => {
  for (;;) {
    const answer = await server.sql(statement).catch(() => "")
    if (answer === wanted) return
    await setTimeout(50)
  }
}

/** Waits until a standby has all that its primary has. */
export const untilStreaming = (server: PostgresServer, state: "sync" | "async") =>
  until(server, "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'", state)
