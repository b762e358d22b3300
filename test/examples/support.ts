import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { inject } from "vitest"
import { preparedMemory } from "../support/dataDirectory.ts"
import { compileCache, wasmOptions } from "../support/programs.ts"

/** What a process prints: an error, with all of it, if it does not end well. */
export const run = async (
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Promise<string> => {
  const child = spawn(command, args, {
    env: { ...process.env, ...compileCache(inject("programs")), ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close")
  ])
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`)
  return stdout
}

const source = ["--conditions=effect-commerce-source", ...wasmOptions]

/** What an example prints, run as its README says. */
export const example = async (path: string, env?: Readonly<Record<string, string>>) => {
  const memory = await preparedMemory()
  return run(process.execPath, [...source, ...memory.args, `examples/${path}`], { ...memory.env, ...env })
}

/** How many tests of an example pass; an error if one does not. */
export const testsOf = async (name: string): Promise<number> => {
  const report = await run(process.execPath, [
    ...source,
    "--test",
    "--test-reporter=tap",
    `examples/${name}/*.test.ts`
  ])
  return Number(/^# pass (\d+)$/m.exec(report)?.[1])
}
