import { Cause, Effect, Exit, Option } from "effect"
import { isCommerceError } from "../../services/CommerceError.ts"
import { isMethod, type Method } from "./Calls.ts"
import { type History, type HistoryEvent, toJsonLine } from "./History.ts"

/** The arguments of a call. */
export type Arguments = readonly [input?: unknown, options?: unknown]

/** Records calls and their answers. */
export interface Recorder {
  /** What was recorded so far. */
  readonly history: History
  /**
   * Returns services whose calls are recorded: an object with any of `orders`, `catalog`, `payments` and `accounts`. All else is left
   * as it is. Passwords are not recorded.
   */
  readonly recorded: <Services extends object>(services: Services) => Services
  /** Does the same with services whose methods return promises, such as those of `createCommerce`. */
  readonly recordedPromises: <Services extends object>(services: Services) => Services
  /** Records one call of the given method. */
  readonly record: <A, E, R>(
    method: Method,
    args: Arguments,
    call: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
}

/** The settings of a recorder. */
export interface RecorderSettings {
  /** Name of the recorder in findings, unique among all whose histories are judged together. Defaults to a random UUID. */
  readonly process?: string | undefined
  /**
   * Receives each event as a line of JSON, to append it to a file. It is called before a call begins, so that a process that is
   * killed leaves its history behind. Defaults to nothing.
   */
  readonly write?: ((line: string) => void) | undefined
}

/** Milliseconds since 1970. Never goes back in a process, and is comparable between the processes of a machine. */
const now = () => performance.timeOrigin + performance.now()

const toJson = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value))

const withoutPassword = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? { ...value, password: undefined } : value

/** A refusal changed nothing. A bug, an interruption or a lost answer may have changed something. */
const changedNothing = (error: unknown): boolean => {
  if (!isCommerceError(error) || error._tag === "GatewayUnavailable") return false
  return error._tag !== "StoreUnavailable" || error.outcome === "notApplied"
}

const dataOf = (error: unknown): object => {
  if (!(error instanceof Error)) return { message: String(error) }
  return { ...error, message: error.message, cause: undefined }
}

type Call = (...args: Arguments) => unknown

/** Replaces the methods that a history has. */
const replaceMethods = <Services extends object>(
  services: Services,
  replace: (method: Method, replays: boolean, call: Call) => Call
): Services => {
  const replaced = Object.entries(services).map(([service, members]) => {
    if (typeof members !== "object" || members === null) return [service, members]
    const own = Object.entries(members).map(([member, value]) => {
      const method = `${service}.${member.replace(/OrReplay$/, "")}`
      const isRecorded = isMethod(method) && typeof value === "function"
      return [member, isRecorded ? replace(method, member.endsWith("OrReplay"), value as Call) : value]
    })
    return [service, Object.fromEntries(own)]
  })
  return Object.fromEntries(replaced)
}

/** Makes a recorder. */
export const makeRecorder = ({
  process = crypto.randomUUID(),
  write = () => {}
}: RecorderSettings = {}): Recorder => {
  const history: Array<HistoryEvent> = []
  let calls = 0

  const add = (event: HistoryEvent) => {
    history.push(event)
    write(toJsonLine(event))
  }

  /** Begins a call. Returns what ends it. */
  const begin = (method: Method, [given, options]: Arguments, replays: boolean) => {
    const call = calls++
    const input = toJson(method === "accounts.register" ? withoutPassword(given) : given) ?? {}
    add({ type: "invoke", process, call, time: now(), method, input, options: toJson(options) })
    return {
      succeed: (answer: unknown) => {
        const result = replays ? (answer as { value: unknown; replayed: boolean }) : { value: answer }
        add({ type: "ok", process, call, time: now(), ...(toJson(result) as object) })
      },
      fail: (error: unknown) => {
        const type = changedNothing(error) ? "fail" : "info"
        add({ type, process, call, time: now(), error: toJson(dataOf(error)) })
      }
    }
  }

  const recordEffect = <A, E, R>(
    method: Method,
    args: Arguments,
    replays: boolean,
    call: Effect.Effect<A, E, R>
  ) =>
    Effect.suspend(() => {
      const { succeed, fail } = begin(method, args, replays)
      return Effect.onExit(call, (exit) =>
        Effect.sync(() =>
          Exit.isSuccess(exit)
            ? succeed(exit.value)
            : fail(Option.getOrElse(Cause.findErrorOption(exit.cause), () => Cause.squash(exit.cause)))
        )
      )
    })

  const recordPromise = async (method: Method, args: Arguments, replays: boolean, call: Call) => {
    const { succeed, fail } = begin(method, args, replays)
    try {
      const answer = await call(...args)
      succeed(answer)
      return answer
    } catch (error) {
      fail(error)
      throw error
    }
  }

  return {
    history,
    record: (method, args, call) => recordEffect(method, args, false, call),
    recorded: (services) =>
      replaceMethods(
        services,
        (method, replays, call) =>
          (...args) =>
            recordEffect(method, args, replays, call(...args) as Effect.Effect<unknown, unknown>)
      ),
    recordedPromises: (services) =>
      replaceMethods(
        services,
        (method, replays, call) =>
          (...args) =>
            recordPromise(method, args, replays, call)
      )
  }
}
