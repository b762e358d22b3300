/** Runs the real command, with nothing in its environment but what a test puts there. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Exit, Scope } from "effect"
import { afterAll, afterEach } from "vitest"

const main = join(import.meta.dirname, "../../../src/cli/main.ts")

export type Env = Readonly<Record<string, string>>

/** How a command has ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<ChildProcess>()

const launch = (args: ReadonlyArray<string>, env: Env) => {
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] })
  running.add(child)
  const said = { stdout: "", stderr: "" }
  child.stdout.on("data", (chunk) => {
    said.stdout += chunk
  })
  child.stderr.on("data", (chunk) => {
    said.stderr += chunk
  })
  const ended = once(child, "close").then(([code]): Ended => {
    running.delete(child)
    return { code, ...said }
  })
  return { child, said, ended }
}

/** Runs a command to its end. */
export const command = (args: ReadonlyArray<string>, env: Env = {}): Promise<Ended> => launch(args, env).ended

export interface Serving {
  readonly url: string
  /** What it has said on standard output until it was ready. */
  readonly greeting: string
  readonly ended: Promise<Ended>
  /** Sends a signal, and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ended>
}

/** Starts a server on a free port, and waits until it says that it is ready. */
export const serve = async (env: Env): Promise<Serving> => {
  const { child, said, ended } = launch(["serve"], {
    PORT: "0",
    BCRYPT_COST: "4",
    AUTH_RATE_LIMIT: "off",
    ...env
  })
  const greeting = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => {
      if (/^ {2}try .*\n/m.test(said.stdout)) resolve(said.stdout)
    })
    ended.then(({ code, stderr }) => reject(new Error(`The server ended with ${code}: ${stderr}`)), reject)
  })
  const url = /API\s+(http:\S+)/.exec(greeting)?.[1] ?? ""
  const stop = (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal)
    return ended
  }
  return { url, greeting, ended, stop }
}

/** Ends what a test has left running. Call it once in a file that starts servers. */
export const leaveNothingRunning = (when: "each" | "all" = "each") => {
  const endAll = async () => {
    const children = [...running]
    for (const child of children) child.kill("SIGKILL")
    await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, "close")))
  }
  if (when === "each") afterEach(endAll)
  afterAll(endAll)
}

const scope = Scope.makeUnsafe()
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** Something that lives as long as the tests of this file. */
export const lasting = <A>(resource: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> =>
  Effect.runPromise(Scope.provide(resource, scope))

/** A new directory, gone after the tests of this file. */
export const newDirectory = () =>
  lasting(
    Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "effect-commerce-cli-"))),
      (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
    )
  )
