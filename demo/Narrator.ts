/** Tells a person what happens: a heading per step, what was asked, the interesting part of the answer, ✓. */
import { inspect, isDeepStrictEqual, styleText } from "node:util"
import type { Request, Send } from "./Shop.ts"

const colors = process.stdout.isTTY === true && !process.env.NO_COLOR
const style = (format: "bold" | "cyan" | "green", text: string) =>
  colors ? styleText(format, text, { validateStream: false }) : text

const uuid = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{6}([0-9a-f]{6})\b/g

/** Of an id only the end is worth reading. */
const shortened = (text: string) => text.replaceAll(uuid, "…$2")

/** Fits into 80 columns, after the indentation and a status. */
const readable = (value: unknown) =>
  inspect(JSON.parse(shortened(JSON.stringify(value))), { depth: null, breakLength: 70, colors })
    .split("\n")
    .join("\n     ")

/** A password is not told. */
const told = (body: object) => readable("password" in body ? { ...body, password: "…" } : body)

const print = (line: string) => process.stdout.write(`${line}\n`)

let steps = 0

/** Begins the next step of the story. */
export const heading = (text: string) => print(`\n${style("bold", `${++steps}. ${text}`)}`)

/** The shop did otherwise than the story says. */
export class Unexpected extends Error {}

/** Says what is true now, or stops the story. */
export const check = <A>(what: string, actual: A, expected: NoInfer<A>) => {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new Unexpected(`${what}: expected ${readable(expected)}, got ${readable(actual)}`)
  }
  print(`   ${style("green", "✓")} ${what}`)
}

interface Question<A> {
  readonly body?: object
  readonly idempotencyKey?: string
  /** The status that the story expects. */
  readonly status: number
  /** Whether the story expects an answer that was given before. */
  readonly replayed?: boolean
  /** What of the answer is worth reading. */
  readonly show: (body: A) => unknown
}

/** Somebody who asks the shop things, which is told. */
export const person =
  (send: Send, name: string, token?: string) =>
  async <A>(method: Request["method"], path: string, question: Question<A>): Promise<A> => {
    const { body, idempotencyKey, status, replayed = false, show } = question
    const key = idempotencyKey ? ` (Idempotency-Key: ${idempotencyKey})` : ""
    print(`   ${style("cyan", `${name}:`)} ${method} ${shortened(path)}${key}`)
    if (body) print(`     ${told(body)}`)
    const answer = await send<A>({ method, path, token, body, idempotencyKey })
    if (answer.status !== status || answer.replayed !== replayed) {
      const got = `${answer.status} ${readable(answer.body)}`
      throw new Unexpected(
        `${method} ${path}: expected ${status}${replayed ? ", as answered before" : ""}, got ${got}`
      )
    }
    const again = replayed ? " (Idempotent-Replayed: true)" : ""
    print(`     ${style("cyan", `${status}${again}`)} ${readable(show(answer.body))}`)
    return answer.body
  }

export type Person = ReturnType<typeof person>
