/** Processes that a test starts: none of them outlives the test, not even if the test is killed. */
import { type ChildProcess, spawn } from "node:child_process"
import path from "node:path"
import { createInterface } from "node:readline"
import { Effect, Redacted, type Scope } from "effect"
import { inject } from "vitest"
import { type Program, runningBundle } from "../support/programs.ts"

export interface Process {
  readonly pid: number
  /** The next line that it prints; dies with all that it said to standard error if it ends without one. */
  readonly nextLine: Effect.Effect<string>
  readonly tell: (line: string) => Effect.Effect<void>
  /** Sends a signal; does not wait for what comes of it. */
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Waits for its end: the exit code, or the signal that ended it. */
  readonly end: Effect.Effect<number | NodeJS.Signals>
  /** All that it has said to standard error. */
  readonly complaints: () => string
}

const root = path.join(import.meta.dirname, "../..")

/** A shell that ends a process when we are gone and cannot do it ourselves. */
const guard = (pid: number) =>
  spawn("sh", ["-c", 'cat >/dev/null; kill -KILL "$0"', String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true
  })

const ended = (child: ChildProcess) => child.exitCode ?? child.signalCode

const started = (file: Program, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv) => {
  const bundle = runningBundle(inject("programs"), file)
  const child = spawn(process.execPath, [...bundle.args, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, ...bundle.env, ...env }
  })
  if (child.pid === undefined) throw new Error(`${file} cannot be started`)
  const watch = guard(child.pid)
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  child.once("exit", () => watch.kill("SIGKILL"))
  child.stdin.on("error", () => {})
  let complaints = ""
  child.stderr.on("data", (part) => (complaints += part))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { child, pid: child.pid, exit, lines, complaints: () => complaints }
}

/** A Node process of its own from a program of this repository, killed with the scope. */
export const run = Effect.fnUntraced(function* (
  file: Program,
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv
): Effect.fn.Return<Process, never, Scope.Scope> {
  const { child, pid, exit, lines, complaints } = yield* Effect.acquireRelease(
    Effect.sync(() => started(file, args, env)),
    ({ child, exit }) =>
      Effect.promise(async () => {
        if (ended(child) === null) child.kill("SIGKILL")
        await exit
      })
  )
  return {
    pid,
    complaints,
    nextLine: Effect.promise(async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${file} has ended with ${ended(child)}:\n${complaints()}`)
      return value
    }),
    tell: (line) => Effect.sync(() => child.stdin.write(`${line}\n`)),
    signal: (signal) => Effect.sync(() => child.kill(signal)),
    end: Effect.promise(async () => {
      await exit
      return ended(child) ?? 0
    })
  }
})

/** A program of `test/fixtures` on a database. */
export const runFixture = (
  file: "judge-workload.ts" | "move-money.ts" | "race-ensure-admin.ts" | "race-pay.ts",
  url: Redacted.Redacted,
  ...args: ReadonlyArray<string>
) => run(`test/fixtures/${file}`, args, { DATABASE_URL: Redacted.value(url) })
