import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result } from "effect"
import { parseConnectionUrl } from "../../src/settings/ConnectionUrl.ts"
import { int, pick } from "../../src/testing/Generators.ts"

const parse = (url: string) =>
  Result.match(parseConnectionUrl(url), {
    onFailure: (fault) => fault,
    onSuccess: ({ servers, targetSessionAttrs }) => ({
      servers: servers.map(({ host, port, url }) => [host, port, url]),
      targetSessionAttrs
    })
  })

const one = (host: string, port: number, url: string) => ({
  servers: [[host, port, url]],
  targetSessionAttrs: "any" as const
})

describe("a connection URL", () => {
  it.each([
    ["postgres://db/shop", one("db", 5432, "postgres://db:5432/shop")],
    ["postgresql://u:p%40ss@db:6432/shop", one("db", 6432, "postgresql://u:p%40ss@db:6432/shop")],
    [" postgres://db/shop\n", one("db", 5432, "postgres://db:5432/shop")],
    ["postgres:///shop", one("localhost", 5432, "postgres://localhost:5432/shop")],
    ["postgres://[::1]:5433/shop", one("::1", 5433, "postgres://[::1]:5433/shop")],
    [
      "postgres:///shop?host=/var/run/postgresql",
      one("/var/run/postgresql", 5432, "postgres:///shop?host=%2Fvar%2Frun%2Fpostgresql&port=5432")
    ],
    ["postgres://db/shop?sslmode=require", one("db", 5432, "postgres://db:5432/shop")]
  ] as const)("of one server: %s", (url, expected) => {
    assert.deepStrictEqual(parse(url), expected)
  })

  it.each([
    "postgres://u@a,b:6432/shop?target_session_attrs=read-write&sslmode=require",
    "postgres://u@/shop?host=a,b&port=5432,6432&target_session_attrs=read-write&sslmode=require"
  ])("may name several servers, as for libpq: %s", (url) => {
    assert.deepStrictEqual(parse(url), {
      servers: [
        ["a", 5432, "postgres://u@a:5432/shop"],
        ["b", 6432, "postgres://u@b:6432/shop"]
      ],
      targetSessionAttrs: "read-write"
    })
  })

  it.each([
    ["", { mode: "disable" }],
    ["?ssl=true", { mode: "require" }],
    ["?ssl=1&sslmode=verify-full", { mode: "verify-full" }],
    ["?ssl=0", { mode: "disable" }],
    ["?ssl=verify-ca", { mode: "verify-ca" }],
    ["?sslmode=verify-full&sslrootcert=/etc/ca%2B.pem", { mode: "verify-full", rootCert: "/etc/ca+.pem" }],
    [
      "?sslmode=require&sslcert=c.pem&sslkey=k.pem&channel_binding=prefer",
      { mode: "require", cert: "c.pem", key: "k.pem" }
    ]
  ] as const)("says how to use TLS: %s", (query, expected) => {
    const { tls } = Result.getOrThrow(parseConnectionUrl(`postgres://a,b/shop${query}`))
    assert.deepStrictEqual(tls, { rootCert: undefined, cert: undefined, key: undefined, ...expected })
  })

  it("gives one port to all hosts, or each host its own", () => {
    assert.deepInclude(parse("postgres:///shop?host=a,b&port=7000"), {
      servers: [
        ["a", 7000, "postgres://a:7000/shop"],
        ["b", 7000, "postgres://b:7000/shop"]
      ]
    })
  })

  it.each([
    ["mysql://db/shop", /^Expected postgres:/],
    ["db/shop", /^Expected postgres:/],
    ["postgres://db/shop?sslcrl=x", /^Unknown parameter sslcrl\. Known parameters: .*sslmode/],
    ["postgres://db/shop?ssl=maybe", /^Expected ssl to be true or false/],
    ["postgres://db/shop?sslmode=on", /^Expected sslmode to be one of disable, allow, prefer/],
    ["postgres://db/shop?ssl=true&sslmode=disable", /^ssl and sslmode contradict each other/],
    [
      "postgres://db/shop?channel_binding=require",
      /^channel_binding can be disable or prefer, .*Remove it, and write sslmode=verify-full/
    ],
    ["postgres://db/shop?sslrootcert=ca.pem", /^sslrootcert, sslcert and sslkey need sslmode/],
    [
      "postgres://db/shop?sslmode=require&sslrootcert=system",
      /^sslrootcert=system needs sslmode=verify-full/
    ],
    ["postgres://db/shop?sslmode=require&sslcert=c.pem", /^sslcert and sslkey need each other/],
    [
      "postgres://db/shop?target_session_attrs=writable",
      /^Expected target_session_attrs to be one of any, read-write/
    ],
    ["postgres://db:99999/shop", /^Expected a port/],
    ["postgres://db:x/shop", /^Expected a port/],
    ["postgres:///shop?host=a,b,c&port=1,2", /^Expected one port for all hosts/],
    ["postgres://u:p#ss@db/shop", /^Write # as %23$/],
    ["postgres://u:p%zz@db/shop", /^Expected % with two hexadecimal digits$/]
  ])("is refused with its fault, and without its password: %s", (url, fault) => {
    const said = parse(url)
    assert.isString(said)
    assert.match(said as string, fault)
    assert.notInclude(said as string, "p%zz")
  })

  const host = pick(["a", "b.example.com", "10.0.0.1", "[fd00::1]"])
  it.prop(
    "keeps every server in its place",
    { hosts: Arbitrary.array(Arbitrary.all({ host, port: int(1, 65_535) }), { minLength: 1, maxLength: 5 }) },
    ({ hosts }) => {
      const authority = hosts.map(({ host, port }) => `${host}:${port}`)
      const parsed = Result.getOrThrow(parseConnectionUrl(`postgres://u:p@${authority.join(",")}/shop`))
      assert.deepStrictEqual(
        parsed.servers.map(({ url }) => url),
        authority.map((one) => `postgres://u:p@${one}/shop`)
      )
    }
  )
})
