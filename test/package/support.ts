/** What the checks of the package have in common: a folder of their own, and what is wrong so far. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import packageJson from "../../package.json" with { type: "json" }

export const folder = mkdtempSync(join(tmpdir(), "effect-commerce-"))
const faults: Array<string> = []

export const run = (command: string, args: ReadonlyArray<string>, cwd = folder) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })

/** Maximum time of one command, in milliseconds. */
const longest = 300_000

/** Ends a process and all that it has started, and waits for its end. */
export const end = async (
  child: ChildProcess,
  signal: NodeJS.Signals = "SIGTERM"
): Promise<number | null> => {
  const { pid } = child
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = once(child, "exit")
  process.kill(-pid, signal)
  const timer = setTimeout(() => process.kill(-pid, "SIGKILL"), 15_000)
  await ended
  clearTimeout(timer)
  return child.exitCode
}

const running = new Set<ChildProcess>()

/** Starts a command in a process group of its own, so that `end` reaches what it starts. */
export const launch = (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: NodeJS.ProcessEnv = {}
): { readonly child: ChildProcess; readonly output: () => string } => {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"]
  })
  running.add(child)
  child.once("exit", () => running.delete(child))
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
  }
  return { child, output: () => output }
}

/** Runs a command beside others. Returns all of its output, and fails with it unless the command ends with the code. */
export const start = async (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: NodeJS.ProcessEnv = {},
  code = 0
): Promise<string> => {
  const { child, output } = launch(command, args, cwd, env)
  const timer = setTimeout(() => void end(child, "SIGKILL"), longest)
  try {
    const [ended] = await once(child, "close")
    if (ended === code) return output()
    throw new Error(`${[command, ...args].join(" ")} ended with ${ended}\n${output()}`)
  } finally {
    clearTimeout(timer)
  }
}

export const check = async (what: string, work: () => unknown) => {
  const since = performance.now()
  let isOk = true
  try {
    await work()
  } catch (error) {
    isOk = false
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string }
    faults.push(`${what}: ${message}\n${stdout}${stderr}`)
  }
  const seconds = Math.round((performance.now() - since) / 1000)
  console.log(`${isOk ? "ok" : "not ok"}: ${what}${seconds > 1 ? ` (${seconds} s)` : ""}`)
  return isOk
}

export const equal = (actual: unknown, expected: unknown) => {
  if (actual !== expected) throw new Error(`expected ${expected}, but it is ${actual}`)
}

/** Builds and packs the package. */
export const pack = () => {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--silent", "--pack-destination", folder], "."))
  const { filename, files } = packed as { filename: string; files: ReadonlyArray<{ path: string }> }
  return { tarball: join(folder, filename), files: new Set(files.map(({ path }) => path)) }
}

const { devDependencies } = packageJson

type Dependency = keyof typeof devDependencies

/** A package of the development dependencies, with the version that is tested. */
export const withVersion = (name: Dependency) => `${name}@${devDependencies[name]}`

/** Versions of development dependencies, for a package.json. */
export const versionsOf = (...names: ReadonlyArray<Dependency>): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, devDependencies[name]]))

/** Says all that is wrong, ends what still runs, and ends the process with 1 if anything is. */
export const conclude = () => {
  for (const child of running) void end(child, "SIGKILL")
  rmSync(folder, { recursive: true, force: true })
  for (const fault of faults) console.error(`\n${fault}`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
