import { Effect } from "effect"
import { Hex } from "effect/encoding"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { notModified } from "./ConditionalReads.ts"
import { isNamed } from "./EntityTags.ts"

type Bytes = Uint8Array<ArrayBuffer>

/** A file in both codings. All answers share these bytes, however many clients read them, and however slowly. */
export interface StaticFile {
  readonly plain: Bytes
  readonly gzipped: Bytes
  /** Hash of the content. */
  readonly hash: string
  readonly headers: Readonly<Record<string, string>>
}

const gzip = async (bytes: Bytes): Promise<Bytes> => {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** Makes a file, which is the same in all processes. */
export const staticFile = async (
  text: string,
  headers: Readonly<Record<string, string>>
): Promise<StaticFile> => {
  const plain = new TextEncoder().encode(text)
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", plain))
  return { plain, gzipped: await gzip(plain), hash: Hex.encode(hash).slice(0, 32), headers }
}

/** RFC 9110, section 12.5.3. A weight of 0 refuses the coding. */
const takesGzip = (codings: string): boolean =>
  codings.split(",").some((one) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(one))

/** Answers with a file: compressed for clients that take gzip, and with 304 for those that have it. */
export const sendFile = ({ gzipped, hash, headers, plain }: StaticFile) =>
  Effect.map(HttpServerRequest.HttpServerRequest, (request) => {
    // Weak, because both codings have it. RFC 9110, section 8.8.1.
    const etag = `W/"${hash}"`
    const { "content-type": contentType, ...others } = headers
    const validators = { etag, vary: "accept-encoding", ...others }
    if (isNamed(request.headers["if-none-match"], etag)) return notModified(validators)
    const isGzipped = takesGzip(request.headers["accept-encoding"] ?? "")
    return HttpServerResponse.uint8Array(isGzipped ? gzipped : plain, {
      contentType: contentType ?? "application/octet-stream",
      headers: { ...validators, ...(isGzipped && { "content-encoding": "gzip" }) }
    })
  })
