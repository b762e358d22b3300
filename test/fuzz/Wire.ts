import { connect } from "node:net"

export interface Reply {
  readonly status: number
  readonly type: string | undefined
  readonly text: string
}

/** No answer of ours takes longer, not even on a busy machine. */
const longest = 25_000

/** Sends bytes as they are, on a connection of their own, and reads the first answer; fails if none comes. */
export const exchange = (url: URL, bytes: Buffer): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const chunks: Array<Buffer> = []
    const socket = connect(Number(url.port), url.hostname, () => socket.write(bytes))
    const hung = setTimeout(() => {
      socket.destroy()
      reject(new Error(`No answer to ${bytes.subarray(0, 500).toString("latin1")}`))
    }, longest)
    socket.on("data", (chunk) => chunks.push(chunk))
    socket.on("error", () => undefined)
    socket.on("close", () => {
      clearTimeout(hung)
      const reply = read(Buffer.concat(chunks))
      if (reply === undefined)
        reject(new Error(`No HTTP came back for ${bytes.subarray(0, 500).toString("latin1")}`))
      else resolve(reply)
    })
  })

const read = (bytes: Buffer): Reply | undefined => {
  const end = bytes.indexOf("\r\n\r\n")
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(bytes.toString("latin1", 0, 20)) ?? []
  if (end < 0 || status === undefined) return undefined
  // "100 Continue" comes before the answer.
  if (status === "100") return read(bytes.subarray(end + 4))
  const head = bytes.toString("latin1", 0, end)
  const body = bytes.subarray(end + 4)
  return {
    status: Number(status),
    type: /^content-type: *([^;\r\n]+)/im.exec(head)?.[1],
    text: (/^transfer-encoding: *chunked/im.test(head) ? unchunk(body) : body).toString()
  }
}

const unchunk = (bytes: Buffer): Buffer => {
  const parts: Array<Buffer> = []
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf("\r\n", at)
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16)
    if (!(size > 0)) break
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return Buffer.concat(parts)
}
