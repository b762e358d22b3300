import { createHash } from "node:crypto"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { type Page, pageVersion } from "../../domain/shared/Page.ts"
import type { KnownPage } from "../../ports/CatalogStore.ts"
import { apiVersion } from "../api/index.ts"
import { entityTagsIn, isNamed } from "./EntityTags.ts"

/** What a handler gets of a request that reads. */
export interface ReadRequest {
  readonly request: HttpServerRequest.HttpServerRequest
  readonly query?: unknown
}

/** What distinguishes the answers of an endpoint, and who may keep them. */
export interface Validation {
  /** Returns a text that no other body has that the same request may be answered with. */
  readonly versionOf: (body: never) => string
  /** Whether everyone is answered the same. */
  readonly isPublic: (request: ReadRequest) => boolean
}

/** The contents of an answer depend on this release and on the query, which is in the cursor of a page. */
const saltOf = ({ request: { url } }: ReadRequest): string => {
  const start = url.indexOf("?")
  return `${apiVersion}${start === -1 ? "" : url.slice(start)}\n`
}

const tagOf = (digest: string): string => `W/"${digest}"`

// An answer for one account stays out of all caches. Its reader may still ask whether it has changed.
const forEveryone = { "cache-control": "no-cache" }
const forOne = { "cache-control": "no-store", vary: "Authorization" }

const cachingOf = ({ isPublic }: Validation, request: ReadRequest) =>
  isPublic(request) ? forEveryone : forOne

/** The validation of pages whose items have these versions. */
export const ofPages = <A>(versionOf: (item: A) => string, isPublic: Validation["isPublic"]) => ({
  versionOf: ({ items, nextCursor }: Page<A>) => pageVersion(items.map(versionOf), nextCursor !== null),
  isPublic
})

/** Returns the headers of an answer, and whether its reader has it already. */
export const validate = (validation: Validation, request: ReadRequest, body: unknown) => {
  const version = validation.versionOf(body as never)
  const digest = createHash("sha256")
    .update(saltOf(request) + version)
    .digest("hex")
  const etag = tagOf(digest.slice(0, 32))
  const headers = { etag, ...cachingOf(validation, request) }
  return { headers, isKnown: isNamed(request.request.headers["if-none-match"], etag) }
}

/** Answers that nothing has changed (RFC 9110, 15.4.5). */
export const notModified = (headers: Readonly<Record<string, string>>) =>
  HttpServerResponse.empty({ status: 304, headers })

/** Answers that the page is the one that its reader has. */
export const pageNotModified = (validation: Validation, request: ReadRequest, { digest }: KnownPage) =>
  notModified({ etag: tagOf(digest), ...cachingOf(validation, request) })

/** Returns the page that the reader has, if the request names one tag of ours. */
export const knownPageOf = (request: ReadRequest): KnownPage | undefined => {
  const [tag, ...others] = entityTagsIn(request.request.headers["if-none-match"] ?? "")
  const [, digest] = /^"([0-9a-f]{32})"$/.exec(tag ?? "") ?? []
  return digest === undefined || others.length > 0 ? undefined : { digest, salt: saltOf(request) }
}
