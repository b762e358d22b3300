/** How requests name one of many shops. */
import { prefixOf } from "../boundary/BasePath.ts"

/**
 * Where the name of a shop is: in the path after `/shops/`, as in `/shops/acme/products`; or before a domain in the host, as in
 * `acme.example.com` for `{ domain: "example.com" }`. Requests without one are for the shop that has no name.
 */
export type ShopAddress = "path" | { readonly domain: string }

/** The path of all shops, without a slash at its end. */
const shopsPath = (basePath: string) => `${prefixOf(basePath)}/shops`

/** Returns the base path of a shop: `/shops/acme`, or the one that all shops have. */
export const basePathOf = (address: ShopAddress, basePath: string, shop: string): string =>
  address === "path" ? `${shopsPath(basePath)}/${shop}` : basePath

/** Returns the part of all paths of a shop that names it: `/shops/acme`, or nothing. */
export const shopPathOf = (address: ShopAddress, basePath: string, shop: string): string =>
  address === "path" ? basePathOf(address, basePath, shop) : ""

/** What names the shop of a request. */
interface Named {
  readonly url: string
  /** The target of the request as it was sent. */
  readonly originalUrl: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

const inPath = (basePath: string) => {
  const before = `${shopsPath(basePath)}/`
  return ({ url }: Named) =>
    url.startsWith(before) ? /^[^/?]+/.exec(url.slice(before.length))?.[0] : undefined
}

/** The host of a request: that of its target, if it has one (RFC 9112, 3.2.2). */
const hostOf = ({ headers, originalUrl }: Named) =>
  /^https?:\/\/([^/?#]*)/i.exec(originalUrl)?.[1] ?? headers.host

/** A host may end with a dot and a port (RFC 3986, 3.2.2), and its case does not matter. */
const inHost = (domain: string) => {
  const after = `.${domain.toLowerCase()}`
  return (request: Named) => {
    const host = hostOf(request)?.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "")
    return host?.endsWith(after) === true ? host.slice(0, -after.length) : undefined
  }
}

/**
 * Returns a function that tells the name by which a request asks for a shop. It may be no valid name. `undefined` is the shop without
 * a name.
 */
export const shopNamedBy = (
  address: ShopAddress,
  basePath: string
): ((request: Named) => string | undefined) =>
  address === "path" ? inPath(basePath) : inHost(address.domain)
