import { randomUUID } from "node:crypto"
import { STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { contentType, document, type ProblemType } from "../../http/api/Problem.ts"

const malformed: ProblemType = { status: 400, code: "invalid-request", title: "Invalid request" }

/** Problems of requests that Node's parser rejects, by error code. */
const problems: ReadonlyMap<string, readonly [kind: ProblemType, detail: string]> = new Map([
  [
    "HPE_HEADER_OVERFLOW",
    [
      { status: 431, code: "headers-too-large", title: "Headers too large" },
      "The URL and the headers are too long."
    ]
  ],
  [
    "ERR_HTTP_REQUEST_TIMEOUT",
    [
      { status: 408, code: "request-timeout", title: "Request timeout" },
      "The request took too long to arrive."
    ]
  ]
])

/** Responds to a malformed request with a problem document, and closes the connection. */
export const answerClientError = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy()
  const [kind, detail] = problems.get(error.code ?? "") ?? [malformed, "The request is not valid HTTP."]
  const errors = kind === malformed ? [{ path: "", message: detail }] : undefined
  const text = JSON.stringify({ ...document(kind, detail), errors })
  socket.end(
    [
      `HTTP/1.1 ${kind.status} ${STATUS_CODES[kind.status]}`,
      "Connection: close",
      `Content-Type: ${contentType}`,
      `Content-Length: ${Buffer.byteLength(text)}`,
      "X-Content-Type-Options: nosniff",
      `X-Request-Id: ${randomUUID()}`,
      "",
      text
    ].join("\r\n")
  )
}
