/** Runs commands, with nothing in their environment but what a test puts there. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { formatWithOptions } from "node:util"
import { NodeServices } from "@effect/platform-node"
import { Cause, ConfigProvider, Console, Effect, Exit, Runtime } from "effect"
import { Command } from "effect/cli"
import { afterAll, afterEach, inject } from "vitest"
import { effectCommerce } from "../../../src/cli/commands.ts"
import { version } from "../../../src/cli/version.ts"
import { runningBundle } from "../../support/programs.ts"

/** The command as a checkout has it, which is what `npm start` runs. */
const sources = { args: [join(import.meta.dirname, "../../../src/cli/main.ts")], env: {} }

export type Env = Readonly<Record<string, string>>

/** How a command has ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<ChildProcess>()

interface Launch {
  /** Unbundled. */
  readonly fromSources?: boolean
  /** Before the program. */
  readonly nodeOptions?: ReadonlyArray<string>
}

const launch = (
  args: ReadonlyArray<string>,
  env: Env,
  { fromSources = false, nodeOptions = [] }: Launch = {}
) => {
  const main = fromSources ? sources : runningBundle(inject("programs"), "src/cli/main.ts")
  const child = spawn(process.execPath, [...nodeOptions, ...main.args, ...args], {
    env: { ...main.env, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
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

/** Runs a command to its end, in a process of its own. */
export const commandProcess = (args: ReadonlyArray<string>, env: Env = {}): Promise<Ended> =>
  launch(args, env).ended

/** Runs a command until it says something on standard error, and kills it then. */
export const killedAfter = async (
  said: RegExp,
  args: ReadonlyArray<string>,
  env: Env = {}
): Promise<Ended> => {
  const process = launch(args, env)
  process.child.stderr.on("data", () => {
    if (said.test(process.said.stderr)) process.child.kill("SIGKILL")
  })
  return process.ended
}

/** A console that keeps what it is given, as a process writes it. */
const recording = () => {
  const said = { stdout: "", stderr: "" }
  const to =
    (stream: keyof typeof said) =>
    (...args: ReadonlyArray<unknown>) => {
      said[stream] += `${formatWithOptions({ colors: false }, ...args)}\n`
    }
  const [out, err] = [to("stdout"), to("stderr")]
  const recorder: Console.Console = {
    ...console,
    ...{ log: out, info: out, debug: out, error: err, warn: err, trace: err }
  }
  return { said, recorder }
}

const run = Command.runWith(effectCommerce, { version })

/**
 * Runs a command to its end, inside this process: without the start of a process, which is most of what a command
 * needs. The code is the one that a process would end with.
 */
export const command = async (args: ReadonlyArray<string>, env: Env = {}): Promise<Ended> => {
  const { said, recorder } = recording()
  const exit = await run(args).pipe(
    Effect.provide([NodeServices.layer, ConfigProvider.layer(ConfigProvider.fromEnv({ env }))]),
    Effect.provideService(Console.Console, recorder),
    Effect.runPromiseExit
  )
  if (Exit.isFailure(exit) && Runtime.getErrorReported(Cause.squash(exit.cause))) {
    recorder.error(Cause.pretty(exit.cause))
  }
  return new Promise((resolve) =>
    Runtime.defaultTeardown(exit, (code) => {
      resolve({ code, ...said })
    })
  )
}

export interface Serving {
  readonly url: string
  /** What it has said on standard output until it was ready. */
  readonly greeting: string
  readonly pid: number
  readonly ended: Promise<Ended>
  /** What it has said on standard output until now. */
  readonly output: () => string
  /** Sends a signal. */
  readonly kill: (signal: NodeJS.Signals) => void
  /** Sends a signal, and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ended>
}

/** Starts a server on a free port, and waits until it says that it is ready. */
export const serve = async (
  env: Env,
  { flags = [], ...how }: Launch & { readonly flags?: ReadonlyArray<string> } = {}
): Promise<Serving> => {
  const settings = {
    PORT: "0",
    BCRYPT_COST: "4",
    AUTH_RATE_LIMIT: "off",
    SHUTDOWN_DELAY: "0 seconds",
    LOG_FORMAT: "pretty",
    ...env
  }
  const { child, said, ended } = launch(["serve", ...flags], settings, how)
  const greeting = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => {
      if (/ {2}try {4}curl .*\n/.test(said.stdout)) resolve(said.stdout)
    })
    ended.then(({ code, stderr }) => reject(new Error(`The server ended with ${code}: ${stderr}`)), reject)
  })
  const url = /API\s+(http:\S+)/.exec(greeting)?.[1] ?? ""
  const stop = (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal)
    return ended
  }
  const kill = (signal: NodeJS.Signals) => void child.kill(signal)
  return { url, pid: child.pid ?? 0, greeting, ended, output: () => said.stdout, kill, stop }
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
