/** A pooler in transaction mode before the server of this run: Debian's `pgbouncer`, where it is installed. */
import { spawn, spawnSync } from "node:child_process"
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createConnection } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { Effect, Redacted } from "effect"
import { freePort } from "./EmbeddedServer.ts"

const program = ["pgbouncer", "/usr/sbin/pgbouncer"].find(
  (path) => spawnSync(path, ["--version"]).status === 0
)

export const isInstalled = program !== undefined

/** Fewer than the clients that a test has, so that they have to share. */
const serverConnections = 3

const configuration = (server: URL, port: number, log: string) => `
[databases]
* = host=${server.hostname} port=${server.port} user=${server.username} password=${server.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 200
logfile = ${log}
`

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port })
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })

/** It does not run as root. */
const nobody = 65534

const start = async (server: URL) => {
  const directory = await mkdtemp(join(tmpdir(), "effect-commerce-pgbouncer-"))
  const port = await freePort()
  const file = join(directory, "pgbouncer.ini")
  await writeFile(file, configuration(server, port, join(directory, "log")), { mode: 0o600 })
  const isRoot = process.getuid?.() === 0
  if (isRoot) {
    await chmod(directory, 0o700)
    await Promise.all([chown(directory, nobody, nobody), chown(file, nobody, nobody)])
  }
  const owner = isRoot ? { uid: nobody, gid: nobody } : {}
  const child = spawn(program ?? "", [file], { stdio: ["ignore", "ignore", "pipe"], ...owner })
  let said = ""
  child.stderr.on("data", (chunk) => {
    said += chunk
  })
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer does not start:\n${said}`)
    await setTimeout(50)
  }
  const stop = async () => {
    child.kill("SIGKILL")
    await rm(directory, { recursive: true, force: true })
  }
  return { port, stop }
}

/** The address of a database through a pooler of one's own, gone with the scope. */
export const throughPgBouncer = Effect.fnUntraced(function* (url: Redacted.Redacted) {
  const direct = new URL(Redacted.value(url))
  const { port } = yield* Effect.acquireRelease(
    Effect.promise(() => start(direct)),
    ({ stop }) => Effect.promise(stop)
  )
  const pooled = new URL(direct)
  pooled.port = String(port)
  return Redacted.make(pooled.href)
})
