/** A machine that a test freezes, wakes and kills: a directory, and every process that works in it. Linux only. */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import fs from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout } from "node:timers/promises"
import { promisify } from "node:util"
import { Effect, type Scope } from "effect"

export interface Machine {
  readonly directory: string
  /** Writes a file that only its owner can read. Returns its path. */
  readonly write: (name: string, text: string) => string
  /** Starts a program that goes on. */
  readonly start: (program: string, args: ReadonlyArray<string>) => ChildProcess
  /** Runs a program to its end, and returns what it prints. */
  readonly run: (program: string, args: ReadonlyArray<string>) => Promise<string>
  /** What the programs that were started have printed, at most the last lines. */
  readonly log: () => string
  readonly freeze: () => void
  readonly wake: () => void
  /** Kills every process at once, as a crash of the machine would. */
  readonly kill: () => Promise<void>
}

/** PostgreSQL does not run as root. */
const owner = () => {
  if (process.getuid?.() !== 0) return {}
  const line = fs
    .readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((one) => one.startsWith("postgres:"))
  const [, , uid, gid] = line?.split(":") ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

/** Kills what works in the directory and removes it when we are gone and cannot do it ourselves. */
const guard = (directory: string) =>
  spawn(
    "sh",
    [
      "-c",
      `cat >/dev/null
      for round in 1 2 3; do
        for process in /proc/[0-9]*; do
          case "$(readlink "$process/cwd")" in "$0"|"$0"/*) kill -KILL "\${process#/proc/}";; esac
        done
        sleep 0.2
      done
      rm -rf "$0"`,
      directory
    ],
    { stdio: ["pipe", "ignore", "ignore"], detached: true, cwd: "/" }
  )

const worksIn = (directory: string) => (pid: string) => {
  try {
    const cwd = fs.readlinkSync(`/proc/${pid}/cwd`)
    return cwd === directory || cwd.startsWith(`${directory}/`)
  } catch {
    return false
  }
}

const processesIn = (directory: string) =>
  fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter(worksIn(directory))
    .map(Number)

const signal = (pid: number, name: NodeJS.Signals) => {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended in the meantime.
  }
}

const create = (name: string): Machine & { readonly remove: () => Promise<void> } => {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), `effect-commerce-${name}-`)))
  const user = owner()
  const own = (file: string) => {
    if (user.uid !== undefined) fs.chownSync(file, user.uid, user.gid)
  }
  fs.chmodSync(directory, 0o700)
  own(directory)
  const watch = guard(directory)
  const environment = { PATH: process.env.PATH, HOME: directory, LC_ALL: "C", TZ: "UTC" }
  const options = { ...user, cwd: directory, env: environment }
  let log = ""

  // A process that is forked while its parent is stopped or killed is met in the next round.
  const signalAll = (name: NodeJS.Signals) => {
    for (let round = 0; round < 3; round++) for (const pid of processesIn(directory)) signal(pid, name)
  }
  const kill = async () => {
    for (let round = 0; round < 200 && processesIn(directory).length > 0; round++) {
      signalAll("SIGKILL")
      await setTimeout(10)
    }
  }

  return {
    directory,
    write: (file, text) => {
      const to = path.join(directory, file)
      fs.writeFileSync(to, text, { mode: 0o600 })
      own(to)
      return to
    },
    start: (program, args) => {
      const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
      const read = (part: Buffer) => {
        log = `${log}${part}`.slice(-100_000)
      }
      child.stdout.on("data", read)
      child.stderr.on("data", read)
      child.on("error", (error) => {
        log += error.message
      })
      return child
    },
    run: async (program, args) => {
      const { stdout } = await promisify(execFile)(program, args, { ...options, timeout: 60_000 })
      return stdout.trim()
    },
    log: () => log,
    freeze: () => signalAll("SIGSTOP"),
    wake: () => signalAll("SIGCONT"),
    kill,
    remove: async () => {
      await kill()
      fs.rmSync(directory, { recursive: true, force: true })
      watch.kill("SIGKILL")
    }
  }
}

/** A machine of one test, gone with the scope. */
export const machine = (name: string): Effect.Effect<Machine, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => create(name)),
    ({ remove }) => Effect.promise(remove)
  )
