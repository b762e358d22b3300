/** A cluster that Patroni and etcd govern, behind HAProxy, and PgBouncer before that: Debian's packages. */
import type { ChildProcess } from "node:child_process"
import fs from "node:fs"
import { createConnection } from "node:net"
import { setTimeout } from "node:timers/promises"
import { Effect, Redacted } from "effect"
import { freePort } from "../support/EmbeddedServer.ts"
import { type Machine, machine } from "./Machine.ts"
import * as Postgres from "./PostgresServer.ts"

const find = (name: string) =>
  ["/usr/bin", "/usr/sbin", "/usr/local/bin"].map((folder) => `${folder}/${name}`).find(fs.existsSync)

const etcd = find("etcd")
const patroni = find("patroni")
const patronictl = find("patronictl")
const haproxy = find("haproxy")
const pgbouncer = find("pgbouncer")

export const isInstalled =
  Postgres.isInstalled && [etcd, patroni, patronictl, haproxy].every((program) => program !== undefined)

export const hasPgBouncer = pgbouncer !== undefined

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port })
    socket.once("error", () => resolve(false))
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
  })

const untilAccepts = async (port: number, { log }: Machine) => {
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (tries > 400) throw new Error(`Nothing listens on port ${port}:\n${log()}`)
    await setTimeout(50)
  }
}

const startEtcd = Effect.fnUntraced(function* () {
  const where = yield* machine("etcd")
  const [client, peer] = yield* Effect.promise(() => Promise.all([freePort(), freePort()]))
  const peerUrl = `http://127.0.0.1:${peer}`
  where.start(etcd ?? "", [
    ...["--name=etcd", `--data-dir=${where.directory}/data`, "--unsafe-no-fsync"],
    ...[
      `--listen-client-urls=http://127.0.0.1:${client}`,
      `--advertise-client-urls=http://127.0.0.1:${client}`
    ],
    ...[`--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`],
    `--initial-cluster=etcd=${peerUrl}`
  ])
  yield* Effect.promise(() => untilAccepts(client, where))
  return client
})

/** Seconds. A leader that does not renew its key for `ttl` is replaced: HAProxy notices before that. */
const times = { ttl: 6, loop_wait: 1, retry_timeout: 2 }

// JSON is YAML.
const nodeConfiguration = (
  name: string,
  ports: { readonly etcd: number; readonly api: number; readonly postgres: number },
  directory: string
) => ({
  scope: "shop",
  name,
  etcd3: { host: `127.0.0.1:${ports.etcd}` },
  restapi: { listen: `127.0.0.1:${ports.api}`, connect_address: `127.0.0.1:${ports.api}` },
  bootstrap: {
    dcs: {
      ...times,
      synchronous_mode: true,
      postgresql: {
        use_pg_rewind: true,
        use_slots: true,
        parameters: { max_connections: 100, wal_log_hints: "on", synchronous_commit: "on" }
      }
    },
    initdb: [{ encoding: "UTF8" }, { locale: "C" }, "no-sync"]
  },
  postgresql: {
    listen: `127.0.0.1:${ports.postgres}`,
    connect_address: `127.0.0.1:${ports.postgres}`,
    data_dir: `${directory}/data`,
    bin_dir: Postgres.programs,
    pgpass: `${directory}/pgpass`,
    authentication: {
      superuser: { username: "postgres", password: "secret" },
      replication: { username: "replicator", password: "secret" },
      rewind: { username: "rewinder", password: "secret" }
    },
    pg_hba: ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"],
    basebackup: [{ checkpoint: "fast" }, "no-sync"],
    parameters: { fsync: "off", shared_buffers: "32MB", unix_socket_directories: "" }
  }
})

export interface Node {
  readonly name: string
  readonly machine: Machine
  readonly api: number
  readonly postgres: number
  readonly start: () => void
  /**
   * Wakes it with a new Patroni, as a watchdog does. A Patroni 3.0 that was frozen within a cycle writes its key without a
   * condition when it wakes, so that the cluster goes back to it, and loses what the new leader has answered.
   */
  readonly wake: () => void
}

const makeNode = Effect.fnUntraced(function* (name: string, etcdPort: number) {
  const where = yield* machine(name)
  const [api, postgres] = yield* Effect.promise(() => Promise.all([freePort(), freePort()]))
  const configuration = where.write(
    "patroni.yml",
    JSON.stringify(nodeConfiguration(name, { etcd: etcdPort, api, postgres }, where.directory))
  )
  let running: ChildProcess | undefined
  const start = () => {
    running = where.start(patroni ?? "", [configuration])
  }
  const node: Node = {
    name,
    machine: where,
    api,
    postgres,
    start,
    wake: () => {
      running?.kill("SIGKILL")
      where.wake()
      start()
    }
  }
  return node
})

const haproxyConfiguration = (port: number, nodes: ReadonlyArray<Node>) => `
global
  maxconn 1000
defaults
  mode tcp
  timeout connect 2s
  timeout client 30m
  timeout server 30m
  timeout check 500ms
listen primary
  bind 127.0.0.1:${port}
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 500ms fall 3 rise 1 on-marked-down shutdown-sessions
${nodes.map(({ name, api, postgres }) => `  server ${name} 127.0.0.1:${postgres} check port ${api}\n`).join("")}`

const startHaproxy = Effect.fnUntraced(function* (nodes: ReadonlyArray<Node>) {
  const where = yield* machine("haproxy")
  const port = yield* Effect.promise(freePort)
  where.start(haproxy ?? "", ["-db", "-f", where.write("haproxy.cfg", haproxyConfiguration(port, nodes))])
  yield* Effect.promise(() => untilAccepts(port, where))
  return port
})

const pgbouncerConfiguration = (server: number, port: number) => `
[databases]
* = host=127.0.0.1 port=${server} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
max_client_conn = 200
server_login_retry = 1
server_connect_timeout = 2
`

/** A pooler in transaction mode before a port. */
export const throughPgBouncer = Effect.fnUntraced(function* (server: number) {
  const where = yield* machine("pgbouncer")
  const port = yield* Effect.promise(freePort)
  where.start(pgbouncer ?? "", [where.write("pgbouncer.ini", pgbouncerConfiguration(server, port))])
  yield* Effect.promise(() => untilAccepts(port, where))
  return Redacted.make(`postgres://postgres@127.0.0.1:${port}/postgres`)
})

/** What Patroni says of a node. */
interface NodeState {
  readonly state?: string
  readonly role?: string
  readonly sync_standby?: boolean
  readonly replication?: ReadonlyArray<{ readonly sync_state: string }>
}

const stateOf = async ({ api }: Node): Promise<NodeState> => {
  try {
    const answer = await fetch(`http://127.0.0.1:${api}/patroni`, { signal: AbortSignal.timeout(500) })
    return (await answer.json()) as NodeState
  } catch {
    return {}
  }
}

const isLeader = ({ state, role }: NodeState) =>
  state === "running" && (role === "master" || role === "primary")

/** A leader and its standbys, one of them synchronous, behind HAProxy. */
export const cluster = Effect.fnUntraced(function* (...names: ReadonlyArray<string>) {
  const etcdPort = yield* startEtcd()
  const nodes = yield* Effect.forEach(names, (name) => makeNode(name, etcdPort))

  /** Waits until a node that is not `not` leads, by asking its PostgreSQL whether it accepts writes. */
  const leader = async (not?: Node): Promise<{ readonly node: Node; readonly since: number }> => {
    for (let tries = 0; tries < 2_400; tries++) {
      for (const node of nodes.filter((one) => one !== not)) {
        if (isLeader(await stateOf(node))) return { node, since: Date.now() }
      }
      await setTimeout(25)
    }
    throw new Error(`Nothing leads:\n${nodes.map(({ machine }) => machine.log().slice(-3000)).join("\n\n")}`)
  }

  /** Waits until all nodes run, and the leader has its synchronous standby. */
  const settled = async () => {
    for (let tries = 0; tries < 1_200; tries++) {
      const states = await Promise.all(nodes.map(stateOf))
      const replicas = states.filter(({ state, role }) => state === "running" && role === "replica")
      const leaders = states.filter(isLeader)
      const hasStandby = leaders[0]?.replication?.some(({ sync_state }) => sync_state === "sync")
      const isAllowed = states.some(({ sync_standby }) => sync_standby === true)
      if (leaders.length === 1 && replicas.length === nodes.length - 1 && hasStandby && isAllowed) return
      await setTimeout(100)
    }
    throw new Error(`Not all run:\n${nodes.map(({ machine }) => machine.log().slice(-3000)).join("\n\n")}`)
  }

  const [first, ...others] = nodes
  yield* Effect.promise(async () => {
    first?.start()
    await leader()
    for (const node of others) node.start()
    await settled()
  })
  const port = yield* startHaproxy(nodes)
  const configuration = first?.machine.write(
    "patronictl.yml",
    JSON.stringify({ scope: "shop", etcd3: { host: `127.0.0.1:${etcdPort}` } })
  )
  return {
    port,
    // Patroni calls a node primary when it has the lock, while its PostgreSQL is still being promoted.
    url: Redacted.make(`postgres://postgres@127.0.0.1:${port}/postgres?target_session_attrs=read-write`),
    leader,
    settled,
    /** Hands over to a standby, as an administrator does before maintenance. */
    switchover: (from: Node) =>
      first?.machine.run(patronictl ?? "", [
        ...["-c", configuration ?? "", "switchover", "shop"],
        ...["--master", from.name, "--force"]
      ]) ?? Promise.reject(new Error("The cluster has no nodes"))
  }
})
