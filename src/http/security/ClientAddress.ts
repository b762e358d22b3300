import { Context, Effect, Option, Result } from "effect"
import type { HttpServerRequest } from "effect/http"
import { IpNetwork, NetAddress } from "effect/net"

/**
 * How many proxies of one's own stand before the server, each of which adds to `X-Forwarded-For` where its request
 * came from; 0 if absent, and then the header says nothing.
 */
export const TrustedProxies = Context.Reference<number>("effect-commerce/http/TrustedProxies", {
  defaultValue: () => 0
})

/**
 * Returns the key of an address for rate limits: an IPv4 address, also if mapped to IPv6, or a /64 network of
 * IPv6, the usual size of one household.
 */
const rateLimitKey = (address: NetAddress.IpAddress): string => {
  const plain = NetAddress.toCanonical(address)
  return NetAddress.isIpv4Address(plain)
    ? NetAddress.formatIp(plain)
    : IpNetwork.format(IpNetwork.fromAddressUnsafe(plain, 64))
}

/** Parses an address, optionally with a port or in brackets. */
const read = (text: string): Option.Option<NetAddress.IpAddress> => {
  const bare = /^\[([^\]]*)\](:\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, "$1")
  return Result.getSuccess(NetAddress.ipFromString(bare.replace(/%.*$/, "")))
}

/**
 * Returns the client address of a request as far as trusted proxies report it. Returns `undefined` without a
 * socket.
 */
export const clientOf = Effect.map(
  TrustedProxies,
  (proxies) =>
    ({ headers, remoteAddress }: HttpServerRequest.HttpServerRequest): string | undefined => {
      const forwarded = headers["x-forwarded-for"]?.split(",").map((entry) => entry.trim()) ?? []
      const reported = proxies === 0 ? undefined : forwarded.at(-proxies)
      return Option.fromUndefinedOr(reported).pipe(
        Option.flatMap(read),
        Option.orElse(() => Option.flatMap(remoteAddress, read)),
        Option.map(rateLimitKey),
        Option.getOrUndefined
      )
    }
)
