/** What a history consists of, and how it is written to a file. */

import { Option, Schema } from "effect"

const common = {
  /** The recorder: a process, or one of several in it. */
  process: Schema.String,
  /** Number of the call, unique in its process. */
  call: Schema.Int,
  /** Milliseconds since 1970, by a clock that never goes back within the process. */
  time: Schema.Finite
}

/** A call begins. */
export const Invocation = Schema.Struct({
  type: Schema.Literal("invoke"),
  ...common,
  method: Schema.String,
  input: Schema.optional(Schema.Unknown),
  options: Schema.optional(Schema.Unknown)
})
export interface Invocation extends Schema.Schema.Type<typeof Invocation> {}

/**
 * A call ends. `ok`: it was answered with success. `fail`: it certainly changed nothing, because it was refused or answered
 * `notApplied`. `info`: it may have taken effect.
 */
export const Completion = Schema.Struct({
  type: Schema.Literals(["ok", "fail", "info"]),
  ...common,
  value: Schema.optional(Schema.Unknown),
  replayed: Schema.optional(Schema.Boolean),
  error: Schema.optional(Schema.Unknown)
})
export interface Completion extends Schema.Schema.Type<typeof Completion> {}

/** The begin or the end of a call. */
export type HistoryEvent = Invocation | Completion

/**
 * What several callers did at the same time, as Jepsen records it: the begin and the end of each call. A call without an end may
 * have taken effect. Histories of several processes can be concatenated.
 */
export type History = ReadonlyArray<HistoryEvent>

const Line = Schema.fromJsonString(Schema.Union([Invocation, Completion]))
const decode = Schema.decodeOption(Line)

/** Encodes an event as one line of JSON, without its line break. */
export const toJsonLine = (event: HistoryEvent): string => JSON.stringify(event)

/** Encodes a history as JSON lines. */
export const toJsonLines = (history: History): string =>
  history.map((event) => `${toJsonLine(event)}\n`).join("")

/** Decodes JSON lines. A process that is killed leaves its last line incomplete: it is ignored. Throws if another line is no event. */
export const fromJsonLines = (text: string): History => {
  const lines = text.split("\n")
  const last = lines.length - 1
  return lines.flatMap((line, index) => {
    if (line === "") return []
    const event = decode(line)
    if (Option.isSome(event)) return [event.value]
    if (index === last) return []
    throw new Error(`Line ${index + 1} is no event of a history: ${line.slice(0, 200)}`)
  })
}
