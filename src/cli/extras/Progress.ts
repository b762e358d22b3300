import { Console, Effect } from "effect"
import { whole } from "../support/Terminal.ts"

const bar = (part: number) => `[${"#".repeat(Math.floor(part * 30)).padEnd(30, ".")}]`

/** Reports progress on standard error: a bar on a terminal, else lines. */
export const progress = (
  what: string,
  total: number
): Effect.Effect<{
  /** Marks one more part as done. */
  readonly done: Effect.Effect<void>
}> =>
  Effect.sync(() => {
    const tty = process.stderr.isTTY
    const updates = tty ? 100 : 10
    let parts = 0
    const tell = () => {
      const line = `${what}: ${whole(parts)} of ${whole(total)}`
      if (!tty) return Console.error(line)
      const end = parts === total ? "\n" : ""
      return Effect.sync(() => process.stderr.write(`\r${bar(parts / total)} ${line}${end}`))
    }
    const step = (n: number) => Math.floor((n * updates) / total)
    return {
      done: Effect.suspend(() => {
        parts += 1
        return step(parts) > step(parts - 1) ? Effect.asVoid(tell()) : Effect.void
      })
    }
  })
