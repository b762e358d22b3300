import { Effect } from "effect"
import { Hex } from "effect/encoding"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"

type Bytes = Uint8Array<ArrayBuffer>

/** A page in both codings. All answers share these bytes, however many clients read them, and however slowly. */
interface Page {
  readonly plain: Bytes
  readonly gzipped: Bytes
  readonly etag: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

const gzip = async (bytes: Bytes): Promise<Bytes> => {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

const pageOf = async ({ body, headers }: HttpServerResponse.HttpServerResponse): Promise<Page> => {
  const plain = new Uint8Array(body._tag === "Uint8Array" ? body.body : [])
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", plain))
  // Weak, because both codings have it. RFC 9110, section 8.8.1.
  return { plain, gzipped: await gzip(plain), etag: `W/"${Hex.encode(hash).slice(0, 32)}"`, headers }
}

/** Compares weakly. RFC 9110, section 13.1.2. */
const names = (list: string, etag: string): boolean =>
  list.split(",").some((one) => ["*", etag, etag.slice(2)].includes(one.trim()))

/** RFC 9110, section 12.5.3. A weight of 0 refuses the coding. */
const takesGzip = (codings: string): boolean =>
  codings.split(",").some((one) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(one))

/**
 * Renders a page at its first request, and answers all others from memory: compressed for clients that take gzip, and with 304 for those
 * that have the page. Its clients may keep it, and ask whether it is still the same.
 */
export const renderedOnce = (policyOf: (html: string) => Promise<string>) => {
  let rendered: { readonly page: Page; readonly policy: string } | undefined
  return HttpRouter.middleware((app) =>
    Effect.gen(function* () {
      const { headers } = yield* HttpServerRequest.HttpServerRequest
      if (rendered === undefined) {
        const page = yield* Effect.flatMap(app, (response) => Effect.promise(() => pageOf(response)))
        const policy = yield* Effect.promise(() => policyOf(new TextDecoder().decode(page.plain)))
        rendered = { page, policy }
      }
      const { page, policy } = rendered
      const validators = {
        etag: page.etag,
        "cache-control": "no-cache",
        "content-security-policy": policy,
        vary: "accept-encoding"
      }
      if (names(headers["if-none-match"] ?? "", page.etag)) {
        return HttpServerResponse.empty({ status: 304, headers: validators })
      }
      const isGzipped = takesGzip(headers["accept-encoding"] ?? "")
      return HttpServerResponse.uint8Array(isGzipped ? page.gzipped : page.plain, {
        contentType: page.headers["content-type"] ?? "text/html",
        headers: { ...validators, ...(isGzipped && { "content-encoding": "gzip" }) }
      })
    })
  )
}
