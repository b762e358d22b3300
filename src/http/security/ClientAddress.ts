import { Context, Effect, Option, Result } from "effect"
import type { HttpServerRequest } from "effect/http"
import { IpNetwork, NetAddress } from "effect/net"

/**
 * Networks of one's own proxies. Each of them appends the address that its request came from to `X-Forwarded-For`.
 * Defaults to none: the header is ignored.
 */
export const TrustedProxies = Context.Reference<ReadonlyArray<IpNetwork.IpNetwork>>(
  "effect-commerce/http/TrustedProxies",
  { defaultValue: () => [] }
)

/** Returns the key of an address for rate limits: an IPv4 address, or the /64 network of IPv6 that a household has. */
const rateLimitKey = (address: NetAddress.IpAddress): string =>
  NetAddress.isIpv4Address(address)
    ? NetAddress.formatIp(address)
    : IpNetwork.format(IpNetwork.fromAddressUnsafe(address, 64))

/** Parses an address, optionally with a port or in brackets. An IPv4 address mapped to IPv6 becomes IPv4. */
const parse = (text: string): Option.Option<NetAddress.IpAddress> => {
  const bare = /^\[([^\]]*)\](:\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, "$1")
  return Option.map(Result.getSuccess(NetAddress.ipFromString(bare.replace(/%.*$/, ""))), (address) =>
    NetAddress.toCanonical(address)
  )
}

/**
 * Returns the client of a request, or `undefined` if the address of its peer is unknown. Walks `X-Forwarded-For` from the
 * right while the last address is a trusted proxy's: a client can only write what stands further left.
 */
export const clientOf = Effect.map(TrustedProxies, (networks) => {
  const isTrusted = (address: NetAddress.IpAddress) =>
    networks.some((network) => IpNetwork.contains(network, address))

  return ({ headers, remoteAddress }: HttpServerRequest.HttpServerRequest): string | undefined => {
    const hops = headers["x-forwarded-for"]?.split(",") ?? []
    let client = Option.getOrUndefined(Option.flatMap(remoteAddress, parse))
    while (client !== undefined && isTrusted(client)) {
      const hop = Option.getOrUndefined(parse(hops.pop()?.trim() ?? ""))
      if (hop === undefined) break
      client = hop
    }
    return client === undefined ? undefined : rateLimitKey(client)
  }
})
