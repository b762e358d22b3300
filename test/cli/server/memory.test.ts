import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { totalmem } from "node:os"
import { join } from "node:path"
import { Redacted } from "effect"
import { afterEach, beforeAll, describe, expect, inject, test } from "vitest"
import { flagsOf, heapOf } from "../../../src/cli/NodeFlags.ts"
import { lasting, newDirectory } from "../../support/lasting.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { runningBundle } from "../../support/programs.ts"
import { commandProcess, leaveNothingRunning, serve } from "../support/Cli.ts"

const linesOf = (pid: number | undefined, file: string) =>
  readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").slice(0, -1)

const isMemoryFlag = (argument: string) => /^--(max|heap)-/.test(argument)
const flagsIn = (pid: number | undefined) => linesOf(pid, "cmdline").filter(isMemoryFlag)

const inContainer = process.constrainedMemory()
const limit = Math.floor(
  Math.min(inContainer === 0 ? Number.POSITIVE_INFINITY : inContainer, totalmem()) / 2 ** 20
)
const own = flagsOf(heapOf({ limit, workers: 1 }))

/** The file from which Node reads the limit of this process, in either version of control groups. */
const limitFile = [
  ["memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes"],
  ["", "/sys/fs/cgroup", "memory.max"]
]
  .map(([controller, mount, name]) => {
    const groups = existsSync("/proc/self/cgroup") ? readFileSync("/proc/self/cgroup", "utf8") : ""
    const [, path] = new RegExp(`^\\d+:${controller}:(.*)$`, "m").exec(groups) ?? []
    return path === undefined ? "" : join(mount ?? "", path, name ?? "")
  })
  .find(existsSync)

/** Lets a program see another limit, in a namespace of its own. Nothing is limited, and no control group is changed. */
const seeing = `mount --make-rprivate / && mount --bind "$LIMIT" "$LIMIT_FILE" && exec "$@"`

const canSee =
  limitFile !== undefined &&
  spawnSync("unshare", ["--mount", "sh", "-c", seeing, "sh", "true"], {
    env: { ...process.env, LIMIT: limitFile, LIMIT_FILE: limitFile }
  }).status === 0

describe.skipIf(!existsSync("/proc/self/cmdline"))("serve (skipped without /proc)", () => {
  leaveNothingRunning()
  const children: Array<ChildProcess> = []
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill("SIGKILL")
      await once(child, "exit")
    }
  })

  let env: Record<string, string>
  beforeAll(async () => {
    const DATABASE_URL = Redacted.value(await lasting(freshDatabase))
    env = {
      DATABASE_URL,
      JWT_SECRET: "a secret of thirty-two bytes or more",
      PORT: "0",
      LOG_FORMAT: "pretty"
    }
  })
  const bundle = () => runningBundle(inject("programs"), "src/cli/main.ts")

  const ready = async (child: ChildProcess) => {
    children.push(child)
    let said = ""
    for await (const chunk of child.stdout ?? []) {
      said += chunk
      if (/ {2}try /.test(said)) return
    }
    throw new Error(`The server has ended: ${said}`)
  }

  test("runs with flags that suit the memory, in the process that was started", async () => {
    const server = await serve(env)
    expect(flagsIn(server.pid)).toEqual(own)
    expect(linesOf(server.pid, "cmdline").slice(-1)).toEqual(["serve"])
    expect(linesOf(server.pid, "environ")).toContain("MALLOC_ARENA_MAX=2")
    expect(await server.stop("SIGTERM")).toMatchObject({ code: 0, stderr: "" })
  })

  test("ends by SIGINT with 0, and with 1 and one line if a setting is wrong", async () => {
    const server = await serve(env)
    expect(await server.stop("SIGINT")).toMatchObject({ code: 0, stderr: "" })
    const { code, stderr } = await commandProcess(["serve"], { ...env, PORT: "nonsense" })
    expect([code, stderr.trim().split("\n").length]).toEqual([1, 1])
  })

  test("leaves the bounds that the user has set, and the number of pools", async () => {
    const bounded = await serve({ ...env, NODE_OPTIONS: "--max-old-space-size=300" })
    expect(flagsIn(bounded.pid)).toEqual([])
    const pools = await serve({ ...env, MALLOC_ARENA_MAX: "8" })
    expect(flagsIn(pools.pid)).toEqual(own)
    expect(linesOf(pools.pid, "environ")).toContain("MALLOC_ARENA_MAX=8")
  })

  test("divides the memory among workers", async () => {
    const server = await serve({ ...env, WORKERS: "3" })
    expect(flagsIn(server.pid)).toEqual(flagsOf(heapOf({ limit, workers: 3 })))
  })

  test("keeps the channel to a parent, without the flags", async () => {
    const { args, env: cached } = bundle()
    const [main = "", ...options] = [...args].reverse()
    const child = fork(main, ["serve"], {
      execArgv: options,
      env: { ...cached, ...env },
      stdio: ["ignore", "pipe", "inherit", "ipc"]
    })
    await ready(child)
    expect([child.connected, flagsIn(child.pid)]).toEqual([true, []])
  })

  test.skipIf(!canSee)("sees the limit of its container (skipped without namespaces)", async () => {
    const LIMIT = join(await newDirectory(), "limit")
    await writeFile(LIMIT, String(256 * 2 ** 20))
    const { args, env: cached } = bundle()
    const command = ["--mount", "sh", "-c", seeing, "sh", process.execPath, ...args, "serve"]
    const child = spawn("unshare", command, {
      env: { PATH: process.env.PATH, ...cached, ...env, LIMIT, LIMIT_FILE: limitFile },
      stdio: ["ignore", "pipe", "inherit"]
    })
    await ready(child)
    expect(flagsIn(child.pid)).toEqual(flagsOf(heapOf({ limit: 256, workers: 1 })))
  })
})
