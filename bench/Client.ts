import { Effect } from "effect"
import { type Answer, open } from "./Connection.ts"

interface Request {
  readonly method: "GET" | "POST" | "PATCH"
  readonly path: string
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: unknown
}

const write = (host: string, { method, path, token, headers = {}, body }: Request) => {
  const json = body === undefined ? "" : JSON.stringify(body)
  const authorization = token === undefined ? "" : `Authorization: Bearer ${token}\r\n`
  const content = body === undefined ? "" : "Content-Type: application/json\r\n"
  const length = method === "GET" ? "" : `Content-Length: ${Buffer.byteLength(json)}\r\n`
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${authorization}${more.join("")}${content}${length}\r\n${json}`
}

/** As many connections as there are callers; each request takes one that is free. */
export const clientOf = Effect.fnUntraced(function* (address: URL) {
  const all = new Set<ReturnType<typeof open>>()
  const free: Array<ReturnType<typeof open>> = []
  yield* Effect.addFinalizer(() => Effect.sync(() => all.forEach((connection) => connection.close())))

  const take = () => {
    const connection = free.pop() ?? open(address)
    all.add(connection)
    return connection
  }

  /** Any other answer than the expected one ends the run. */
  const ask = (expected: number, request: Request): Effect.Effect<Answer, Error> =>
    Effect.suspend(() => {
      const connection = take()
      return Effect.flatMap(connection.ask(write(address.host, request)), (answer) => {
        free.push(connection)
        return answer.status === expected
          ? Effect.succeed(answer)
          : Effect.fail(new Error(`${request.method} ${request.path}: ${answer.status} ${answer.body}`))
      })
    })

  const json = <A>(expected: number, request: Request): Effect.Effect<A, Error> =>
    Effect.map(ask(expected, request), ({ body }) => JSON.parse(body.toString()))

  return { ask, json }
})

export type Client = Effect.Success<ReturnType<typeof clientOf>>
