/** Requests of the soak, over sockets and agents of their own. */
import { Agent, request } from "node:http"

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

export interface Sent {
  readonly method?: string
  readonly token?: string | undefined
  readonly key?: string
  readonly body?: unknown
  /** Text that is sent as it is. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
  /** An address of the loopback network that the request comes from. */
  readonly from?: string | undefined
}

export type Exchange = (path: string, sent?: Sent) => Promise<Answer>

/** Sends requests to a server, over at most `sockets` connections that stay open. */
export const exchangeOf = (url: URL, sockets = 4): Exchange => {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets })
  return (path, { method = "GET", token, key, body, raw, headers = {}, from } = {}) =>
    new Promise((resolve, reject) => {
      const text = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const outgoing = request(
        {
          agent,
          host: url.hostname,
          port: url.port,
          path,
          method,
          ...(from === undefined ? {} : { localAddress: from }),
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(key === undefined ? {} : { "idempotency-key": key }),
            ...(text === undefined
              ? {}
              : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }),
            ...headers
          }
        },
        (response) => {
          const parts: Array<Buffer> = []
          response.on("data", (part: Buffer) => parts.push(part))
          response.once("error", reject)
          response.once("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(parts).toString()
            })
          )
        }
      )
      outgoing.setTimeout(60_000, () => outgoing.destroy(new Error("No answer within a minute")))
      outgoing.once("error", reject)
      outgoing.end(text)
    })
}

/** The JSON of an answer that must have this status. */
export const jsonOf = <A>(answer: Answer, status: number): A => {
  if (answer.status !== status) throw new Error(`Expected ${status}: ${answer.status} ${answer.text}`)
  return JSON.parse(answer.text) as A
}
