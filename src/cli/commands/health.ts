import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { prefixOf } from "../../http/boundary/BasePath.ts"
import { fail, report } from "../support/Failure.ts"
import { eachSetting, type Settings } from "../support/Settings.ts"

/** A server that listens on all addresses of a machine is asked at the loopback address. */
const hostOf = (host: string): string => {
  if (host === "0.0.0.0") return "127.0.0.1"
  if (host === "::") return "[::1]"
  return host.includes(":") ? `[${host}]` : host
}

/** The time that a supervisor waits for an answer, in milliseconds. */
const patience = 6000

const urlOf = ({ http: { basePath }, server: { host, port } }: Settings, path: string): string =>
  `http://${hostOf(host)}:${port}${prefixOf(basePath)}/health/${path}`

const ask = Effect.fnUntraced(function* (url: string) {
  const status = yield* Effect.tryPromise(async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(patience) })
    await response.body?.cancel()
    return response.status
  }).pipe(Effect.catch(() => fail(`HOST, PORT: no server answers at ${url}`)))
  if (status !== 200) return yield* fail(`${url} answers ${status}`)
  yield* Console.log(`${url} answers 200`)
})

const ready = Flag.Boolean("ready").pipe(
  Flag.withDescription("Ask whether the database answers too, instead of whether the process runs"),
  Flag.withDefault(false)
)

export const health = Command.make("health", { ready }, ({ ready }) =>
  Effect.flatMap(eachSetting, (read) => ask(urlOf(read, ready ? "ready" : "live"))).pipe(report)
).pipe(
  Command.withDescription(
    "Ask the server of HOST, PORT and BASE_PATH whether it is healthy, as a supervisor does. Exit code 1 if not."
  )
)
