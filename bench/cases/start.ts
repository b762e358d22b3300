import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { Effect, type Redacted } from "effect"
import { Bench, type Group, progress } from "../Bench.ts"
import { atMost, comparison } from "../Figure.ts"
import { median } from "../Measure.ts"
import { addressIn, end, environment } from "../Server.ts"

const checkout = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))

/** Starts `effect-commerce serve`, and ends it once it has answered: after so many seconds. */
const secondsToAnswer = async (main: string, env: NodeJS.ProcessEnv) => {
  const started = performance.now()
  const child = spawn(process.execPath, [main, "serve"], { env, stdio: ["ignore", "pipe", "inherit"] })
  try {
    const ready = `${await addressIn(child.stdout)}/health/ready`
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

/** From nothing to the first answer, on new data and on the same again: as in the package, and as the modules that it is made of. */
export const start: Group = Effect.gen(function* () {
  const { built, command, database, pace } = yield* Bench
  const modules = join(built, "src/cli/main.js")
  const starts = (env: NodeJS.ProcessEnv) =>
    Effect.promise(async () => ({
      first: await secondsToAnswer(command, env),
      later: await secondsToAnswer(command, env),
      fromModules: await secondsToAnswer(modules, env),
      fromSource: await secondsToAnswer(checkout, env)
    }))
  const times = Array.from({ length: Math.max(pace.rounds, 7) })
  yield* progress("start, on PostgreSQL")
  const postgres = yield* Effect.forEach(times, () =>
    Effect.flatMap(database, (url) => starts(onPostgres(url)))
  )
  yield* progress("start, embedded")
  const embedded = yield* Effect.forEach(times, () =>
    Effect.flatMap(temporary, (directory) => starts(embeddedIn(directory)))
  )
  const figures = (where: string, readings: typeof postgres, goals: { first: number; later: number }) => {
    const of = (what: keyof (typeof readings)[number]) => readings.map((reading) => reading[what])
    const figure = (what: "first" | "later") =>
      atMost(`start: ${where}, ${what}`, median(of(what)), goals[what], "s", of(what))
    const compared = (how: string, what: "fromModules" | "fromSource") =>
      comparison(`start: ${where}, later, ${how}`, median(of(what)), "s", of(what))
    return [
      figure("first"),
      figure("later"),
      compared("unbundled", "fromModules"),
      compared("TypeScript of a checkout", "fromSource")
    ]
  }
  return [
    ...figures("PostgreSQL", postgres, { first: 1, later: 0.7 }),
    ...figures("embedded", embedded, { first: 5, later: 1 })
  ]
})
