import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { IpNetwork } from "effect/net"
import { clientOf, TrustedProxies } from "../../../src/http/security/ClientAddress.ts"
import { int, pick } from "../../../src/testing/generators/Values.ts"

const networks = ["10.0.0.0/8", "2001:db8:ffff::/48", "::1/128"].map(IpNetwork.fromStringUnsafe)

const countedAs = (
  peer: string | undefined,
  forwarded: string | undefined,
  trusted: ReadonlyArray<IpNetwork.IpNetwork> = networks
) => {
  const headers: Record<string, string> = forwarded === undefined ? {} : { "x-forwarded-for": forwarded }
  const request = HttpServerRequest.fromWeb(new Request("http://shop.test/", { headers })).modify({
    remoteAddress: Option.fromUndefinedOr(peer)
  })
  return Effect.runSync(Effect.provideService(clientOf, TrustedProxies, trusted))(request)
}

describe("the address of a client", () => {
  it.each([
    ["the peer's, if it is no proxy, whatever it claims", "1.2.3.4", "6.6.6.6", "1.2.3.4"],
    ["what the only proxy saw", "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"],
    ["what the first of two proxies saw", "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"],
    ["what a proxy saw, if it is reached by IPv6 too", "::1", "1.2.3.4, 2001:db8:ffff::7", "1.2.3.4"],
    ["what a proxy saw, if its IPv4 address is written as IPv6", "::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"],
    ["the proxy's, if it says nothing", "10.0.0.1", undefined, "10.0.0.1"],
    ["the proxy's, if what it says is no address", "10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"],
    ["of the leftmost, if all are proxies", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["without the port", "10.0.0.1", "1.2.3.4:5678", "1.2.3.4"],
    ["without brackets and port, as a household", "10.0.0.1", "[2001:DB8::1]:443", "2001:db8::/64"],
    ["the same household, written otherwise", "10.0.0.1", "2001:0db8:0:0:9::1", "2001:db8::/64"],
    ["another household", "10.0.0.1", "2001:db8:0:1::1", "2001:db8:0:1::/64"],
    ["IPv4, also where it is written as IPv6", "10.0.0.1", "::ffff:1.2.3.4", "1.2.3.4"],
    ["unknown without a peer, whatever is claimed", undefined, "1.2.3.4", undefined]
  ])("is %s", (_, peer, forwarded, address) => {
    assert.strictEqual(countedAs(peer, forwarded), address)
  })

  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["fe80::1%eth0", "fe80::/64"],
    ["::1", "::/64"]
  ])("of a socket at %j is %s where no proxy is trusted", (peer, address) => {
    assert.strictEqual(countedAs(peer, "1.2.3.4", []), address)
  })

  const octet = int(0, 255)
  const proxy = Arbitrary.all([octet, octet, octet]).pipe(Arbitrary.map((octets) => `10.${octets.join(".")}`))
  const client = Arbitrary.all([octet, octet]).pipe(Arbitrary.map((octets) => `203.0.${octets.join(".")}`))
  const entry = pick([
    "",
    "unknown",
    "::1",
    "[::1]:80",
    "10.0.0.1:1",
    "203.0.113.9",
    "::ffff:10.0.0.1",
    "%",
    ","
  ])
  const claimed = Arbitrary.all([Arbitrary.array(entry, { maxLength: 6 }), proxy, client]).pipe(
    Arbitrary.map(([entries, proxy, other]) => [...entries, other, proxy, ...entries])
  )

  it.prop(
    "cannot be chosen by the client: what it writes into the header changes nothing [A1]",
    { claimed, client, proxies: Arbitrary.array(proxy, { minLength: 1, maxLength: 4 }) },
    ({ claimed, client, proxies }) => {
      // Each proxy appends the address that its request came from; the host sees the last one.
      const appended = [client, ...proxies.slice(0, -1)]
      assert.strictEqual(countedAs(proxies.at(-1), [...claimed, ...appended].join(", ")), client)
      assert.strictEqual(countedAs(client, claimed.join(", ")), client)
    }
  )
})
