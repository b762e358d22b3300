import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { clientOf, TrustedProxies } from "../../../src/http/security/ClientAddress.ts"

const seen = (proxies: number, forwarded: string | undefined, socket = "10.0.0.1") => {
  const headers: Record<string, string> = forwarded === undefined ? {} : { "x-forwarded-for": forwarded }
  const request = HttpServerRequest.fromWeb(new Request("http://shop.test/", { headers })).modify({
    remoteAddress: socket === "" ? Option.none() : Option.some(socket)
  })
  return Effect.runSync(Effect.provideService(clientOf, TrustedProxies, proxies))(request)
}

describe("the address of a client", () => {
  it.each([
    ["without a proxy it is the socket's, whatever is claimed", 0, "1.2.3.4", "10.0.0.1"],
    ["behind one, what that one saw", 1, "6.6.6.6, 1.2.3.4", "1.2.3.4"],
    ["behind two, what the first one saw", 2, "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"],
    ["the socket's if fewer proxies have spoken than there are", 2, "1.2.3.4", "10.0.0.1"],
    ["the socket's if none has", 1, undefined, "10.0.0.1"],
    ["the socket's if what a proxy says is no address", 1, "1.2.3.4, unknown", "10.0.0.1"],
    ["without the port", 1, "1.2.3.4:5678", "1.2.3.4"],
    ["without brackets and port, as a household", 1, "[2001:DB8::1]:443", "2001:db8::/64"],
    ["the same household, written otherwise", 1, "2001:0db8:0:0:9::1", "2001:db8::/64"],
    ["another household", 1, "2001:db8:0:1::1", "2001:db8:0:1::/64"],
    ["IPv4, also where it is written as IPv6", 1, "::ffff:1.2.3.4", "1.2.3.4"]
  ])("is %s", (_, proxies, forwarded, address) => {
    assert.strictEqual(seen(proxies, forwarded), address)
  })

  it.each([
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["fe80::1%eth0", "fe80::/64"],
    ["::1", "::/64"],
    ["", undefined]
  ])("is of a socket at %j as %s", (socket, address) => {
    assert.strictEqual(seen(0, undefined, socket), address)
  })
})
