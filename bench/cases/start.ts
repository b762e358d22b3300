import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { Effect, type Redacted } from "effect"
import { Bench, type Group, progress } from "../Bench.ts"
import { atMost } from "../Figure.ts"
import { median } from "../Measure.ts"
import { end, environment } from "../Server.ts"

const checkout = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))

const address = async (output: NodeJS.ReadableStream): Promise<string> => {
  for await (const line of createInterface({ input: output })) {
    const found = / API +(http:\S+)/.exec(line)?.[1]
    if (found !== undefined) return found
  }
  throw new Error("The server has ended")
}

/** Starts `effect-commerce serve`, and ends it once it has answered: after so many seconds. */
const secondsToAnswer = async (main: string, env: NodeJS.ProcessEnv) => {
  const started = performance.now()
  const child = spawn(process.execPath, [main, "serve"], { env, stdio: ["ignore", "pipe", "inherit"] })
  try {
    const ready = `${await address(child.stdout)}/health/ready`
    while (!(await fetch(ready).then(({ ok }) => ok))) await setTimeout(10)
    return (performance.now() - started) / 1000
  } finally {
    await end(child)
  }
}

const temporary = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "effect-commerce-bench-"))),
  (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true }))
)

/** Settings as they are unless somebody says otherwise. */
const onPostgres = (url: Redacted.Redacted) => ({ ...environment(url), BCRYPT_COST: undefined })
const embeddedIn = (directory: string) => ({
  PATH: process.env.PATH,
  PORT: "0",
  DATA_DIR: join(directory, "data")
})

/** From nothing to the first answer, on new data and on the same again. */
export const start: Group = Effect.gen(function* () {
  const { database, pace, built } = yield* Bench
  const installed = join(built, "src/cli/main.js")
  const starts = (env: NodeJS.ProcessEnv) =>
    Effect.promise(async () => ({
      first: await secondsToAnswer(installed, env),
      later: await secondsToAnswer(installed, env),
      fromSource: await secondsToAnswer(checkout, env)
    }))
  const times = Array.from({ length: Math.min(pace.rounds, 3) })
  yield* progress("start, on PostgreSQL")
  const postgres = yield* Effect.forEach(times, () =>
    Effect.flatMap(database, (url) => starts(onPostgres(url)))
  )
  yield* progress("start, embedded")
  const embedded = yield* Effect.forEach(times, () =>
    Effect.flatMap(temporary, (directory) => starts(embeddedIn(directory)))
  )
  const figures = (where: string, readings: typeof postgres, goals: { first: number; later: number }) => {
    const figure = (when: string, goal: number, seconds: ReadonlyArray<number>) =>
      atMost(`start: ${where}, ${when}`, median(seconds), goal, "s", seconds)
    return [
      figure(
        "first",
        goals.first,
        readings.map(({ first }) => first)
      ),
      figure(
        "later",
        goals.later,
        readings.map(({ later }) => later)
      ),
      figure(
        "later, TypeScript of a checkout",
        goals.later,
        readings.map(({ fromSource }) => fromSource)
      )
    ]
  }
  return [
    ...figures("PostgreSQL", postgres, { first: 1, later: 1 }),
    ...figures("embedded", embedded, { first: 5, later: 2 })
  ]
})
