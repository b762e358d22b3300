/** What the checks of the package have in common: a folder of their own, and what is wrong so far. */
import { execFile, execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import packageJson from "../../package.json" with { type: "json" }

export const folder = mkdtempSync(join(tmpdir(), "effect-commerce-"))
export const faults: Array<string> = []

export const run = (command: string, args: ReadonlyArray<string>, cwd = folder) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })

const execute = promisify(execFile)

/** Runs a command beside others. Returns its standard output. */
export const start = async (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: NodeJS.ProcessEnv = {}
): Promise<string> => {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 }
  return (await execute(command, args, options)).stdout
}

export const check = async (what: string, work: () => unknown) => {
  const before = faults.length
  const since = performance.now()
  try {
    await work()
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string }
    faults.push(`${what}: ${message}\n${stdout}${stderr}`)
  }
  const seconds = Math.round((performance.now() - since) / 1000)
  console.log(`${faults.length === before ? "ok" : "not ok"}: ${what}${seconds > 1 ? ` (${seconds} s)` : ""}`)
}

export const equal = (actual: unknown, expected: unknown) => {
  if (actual !== expected) faults.push(`expected ${expected}, but it is ${actual}`)
}

/** Builds and packs the package. */
export const pack = () => {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--silent", "--pack-destination", folder], "."))
  const { filename, files } = packed as { filename: string; files: ReadonlyArray<{ path: string }> }
  return { tarball: join(folder, filename), files: new Set(files.map(({ path }) => path)) }
}

const { devDependencies } = packageJson

/** A package of the development dependencies, with the version that is tested. */
export const withVersion = (name: keyof typeof devDependencies) => `${name}@${devDependencies[name]}`

/** Says all that is wrong, and ends the process with 1 if anything is. */
export const conclude = () => {
  rmSync(folder, { recursive: true, force: true })
  for (const fault of faults) console.error(`\n${fault}`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
