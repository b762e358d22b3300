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

/** An address as it counts: one household of IPv6 addresses, or an IPv4 address, also where it is written as IPv6. */
const countedAs = (address: NetAddress.IpAddress): string => {
  const plain = NetAddress.toCanonical(address)
  return NetAddress.isIpv4Address(plain)
    ? NetAddress.formatIp(plain)
    : IpNetwork.format(IpNetwork.fromAddressUnsafe(plain, 64))
}

/** Reads an address, also with a port or in brackets. */
const read = (text: string): Option.Option<NetAddress.IpAddress> => {
  const bare = /^\[([^\]]*)\](:\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, "$1")
  return Result.getSuccess(NetAddress.ipFromString(bare.replace(/%.*$/, "")))
}

/** The address that a request came from, as far as one's own proxies tell it; unknown without a socket. */
export const clientOf = Effect.map(
  TrustedProxies,
  (proxies) =>
    ({ headers, remoteAddress }: HttpServerRequest.HttpServerRequest): string | undefined => {
      const forwarded = headers["x-forwarded-for"]?.split(",").map((entry) => entry.trim()) ?? []
      const told = proxies === 0 ? undefined : forwarded.at(-proxies)
      return Option.fromUndefinedOr(told).pipe(
        Option.flatMap(read),
        Option.orElse(() => Option.flatMap(remoteAddress, read)),
        Option.map(countedAs),
        Option.getOrUndefined
      )
    }
)
