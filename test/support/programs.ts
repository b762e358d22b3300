import { join } from "node:path"

/** Every program that tests start as a process, as a path from the root of the repository. */
export const programs = [
  "src/cli/main.ts",
  "test/fixtures/judge-workload.ts",
  "test/fixtures/leaky.ts",
  "test/fixtures/move-money.ts",
  "test/fixtures/pglite-lock.ts",
  "test/fixtures/pglite-owner.ts",
  "test/fixtures/pretty-log.ts",
  "test/fixtures/race-ensure-admin.ts",
  "test/fixtures/race-pay.ts"
] as const

export type Program = (typeof programs)[number]

/**
 * Options of Node with which a process compiles WebAssembly once, and not a second time in the background: PGlite
 * starts with half of the work, and is a little slower afterwards.
 */
export const wasmOptions = ["--liftoff-only"]

/** Environment of Node to compile what the processes of a run have in common once. */
export const compileCache = (directory: string) => ({ NODE_COMPILE_CACHE: join(directory, "compiled") })

/** Arguments and environment of Node to run a program that was bundled into this directory. */
export const runningBundle = (directory: string, program: Program) => ({
  args: [...wasmOptions, join(directory, program.replace(/\.ts$/, ".js"))],
  env: compileCache(directory)
})
