import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Redacted } from "effect"
import { WebCrypto } from "effect/crypto"
import { TestClock } from "effect/testing"
import {
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT
} from "jose"
import { layer as joseLayer, layerShops, WeakSecret } from "../../src/adapters/jose.ts"
import { Unauthenticated } from "../../src/domain/accounts/AccessPolicy.ts"
import { Role } from "../../src/domain/accounts/Account.ts"
import { AccountId } from "../../src/domain/shared/Ids.ts"
import { ShopName } from "../../src/domain/shops/ShopName.ts"
import { type Claims, ShopTokenIssuers, TokenIssuer } from "../../src/ports/TokenIssuer.ts"

// 64 bytes, so that it would do for HS512 as well.
const secret = "0123456789abcdef".repeat(4)
const bytesOf = (text: string) => new TextEncoder().encode(text)

const layer = (options: Partial<Parameters<typeof joseLayer>[0]> = {}) =>
  joseLayer({ secret: Redacted.make(secret), ...options })

const access = (claims: Claims) => TokenIssuer.use((issuer) => issuer.access(claims))
const verify = (token: string) => TokenIssuer.use((issuer) => issuer.verify(token))
const refused = (token: string) =>
  Effect.map(Effect.flip(verify(token)), (error) => assert.instanceOf(error, Unauthenticated))

const id = AccountId.make("0190a000-0000-7000-8000-000000000001")
const customer: Claims = { id, role: "customer" }

// The clock of every test starts at the epoch.
const payload = {
  iss: "effect-commerce",
  aud: "effect-commerce",
  sub: id,
  role: "customer",
  iat: 0,
  exp: 900
}

type Key = Parameters<SignJWT["sign"]>[0]
const sign = (claims: JWTPayload, alg = "HS256", key: Key = bytesOf(secret)) =>
  Effect.promise(() => new SignJWT(claims).setProtectedHeader({ alg }).sign(key))

const without = (claim: keyof typeof payload) =>
  sign(Object.fromEntries(Object.entries(payload).filter(([name]) => name !== claim)))

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")

const tampered = (part: 0 | 1 | 2, replacement: (part: string) => string) =>
  Effect.map(sign(payload), (token) => {
    const parts = token.split(".")
    parts[part] = replacement(parts[part] ?? "")
    return parts.join(".")
  })

/** Counts signatures that are really checked. */
const countChecks = () => {
  const subtle = vi.spyOn(globalThis.crypto.subtle, "verify")
  return () => subtle.mock.calls.length
}

afterEach(() => {
  vi.restoreAllMocks()
})

const kid = (token: string) => decodeProtectedHeader(token).kid

describe("the secret of access tokens", () => {
  const [old, older, other] = ["old", "older", "other"].map((word) => Redacted.make(word.repeat(20))) as [
    Redacted.Redacted,
    Redacted.Redacted,
    Redacted.Redacted
  ]
  const signedWith = (secret: Redacted.Redacted) =>
    Effect.map(Effect.provide(access(customer), layer({ secret })), ({ token }) => token)

  it.effect("can be replaced: tokens of the old ones are taken, and the new one signs [L7]", () =>
    Effect.gen(function* () {
      const tokens = [yield* signedWith(old), yield* signedWith(older)]
      const stranger = yield* signedWith(other)
      yield* Effect.gen(function* () {
        for (const token of tokens) assert.deepStrictEqual(yield* verify(token), customer)
        yield* refused(stranger)
        tokens.push((yield* access(customer)).token)
        assert.strictEqual(new Set(tokens.map(kid)).size, 3)
      }).pipe(Effect.provide(layer({ previousSecrets: [old, older] })))
      yield* Effect.gen(function* () {
        const [first = "", second = "", third = ""] = tokens
        yield* refused(first)
        yield* refused(second)
        assert.deepStrictEqual(yield* verify(third), customer)
      }).pipe(Effect.provide(layer()))
    })
  )

  it.effect("is named by the beginning of its SHA-256, and told by nothing else", () =>
    Effect.gen(function* () {
      const { token } = yield* access(customer)
      assert.match(kid(token) ?? "", /^[0-9a-f]{16}$/)
      const header = decodeProtectedHeader(token)
      const sign = (kid: unknown) =>
        Effect.promise(() =>
          new SignJWT(payload).setProtectedHeader({ alg: "HS256", kid: kid as string }).sign(bytesOf(secret))
        )
      assert.deepStrictEqual(yield* verify(yield* sign(header.kid)), customer)
      for (const wrong of ["", "__proto__", "0".repeat(16), 7, null, [header.kid]]) {
        yield* refused(yield* sign(wrong))
      }
    }).pipe(Effect.provide(layer()))
  )

  it.effect("signs no token that claims another's name", () =>
    Effect.gen(function* () {
      const claimed = kid(yield* signedWith(old)) ?? ""
      const forged = yield* Effect.promise(() =>
        new SignJWT(payload).setProtectedHeader({ alg: "HS256", kid: claimed }).sign(bytesOf(secret))
      )
      yield* refused(forged)
    }).pipe(Effect.provide(layer({ previousSecrets: [old] })))
  )

  it.effect("has signed what does not say who did", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* verify(yield* sign(payload)), customer)
      yield* refused(yield* sign(payload, "HS256", bytesOf(Redacted.value(old))))
    }).pipe(Effect.provide(layer({ previousSecrets: [old] })))
  )

  it.effect("is refused if it is weak, also if it is an old one", () =>
    Effect.gen(function* () {
      const weak = layer({ previousSecrets: [old, Redacted.make("x".repeat(31))] })
      const exit = yield* Effect.exit(Effect.provide(access(customer), weak))
      assert.deepStrictEqual(exit, Exit.fail(new WeakSecret({ bytes: 31 })))
    })
  )
})

describe("access tokens", () => {
  it.effect.prop("carry whose they are and the role", [AccountId, Role], ([id, role]) =>
    Effect.gen(function* () {
      const { token } = yield* access({ id, role })
      assert.deepStrictEqual(yield* verify(token), { id, role })
      assert.deepStrictEqual(yield* verify(token), { id, role })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("are HS256 JWTs of 15 minutes by the Clock", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_700_000_000_999)
      const { token, expiresIn } = yield* access(customer)
      assert.strictEqual(expiresIn, 900)
      assert.deepStrictEqual(decodeProtectedHeader(token), {
        alg: "HS256",
        typ: "JWT",
        kid: kid(token) ?? ""
      })
      assert.deepStrictEqual(decodeJwt(token), { ...payload, iat: 1_700_000_000, exp: 1_700_000_900 })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("have the issuer, audience and time to live that they are given", () =>
    Effect.gen(function* () {
      const { token, expiresIn } = yield* access(customer)
      assert.strictEqual(expiresIn, 3600)
      assert.deepStrictEqual(decodeJwt(token), { ...payload, iss: "shop", aud: "web", exp: 3600 })
      assert.deepStrictEqual(yield* verify(token), customer)
    }).pipe(Effect.provide(layer({ issuer: "shop", audience: "web", accessTokenTtl: "1 hour" })))
  )

  it.effect.each([
    { cachedTokens: 0, how: "checked each time" },
    { cachedTokens: 10, how: "remembered" }
  ])("are valid until the millisecond before they expire, if $how", ({ cachedTokens }) =>
    Effect.gen(function* () {
      const { token } = yield* access(customer)
      assert.deepStrictEqual(yield* verify(token), customer)
      yield* TestClock.adjust(900_000 - 1)
      assert.deepStrictEqual(yield* verify(token), customer)
      yield* TestClock.adjust(1)
      yield* refused(token)
    }).pipe(Effect.provide(layer({ cachedTokens })))
  )

  it.effect(
    "signed elsewhere with all the claims are accepted: what is refused below is refused for its fault",
    () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* verify(yield* sign(payload)), customer)
      }).pipe(Effect.provide(layer()))
  )

  it.effect.each([
    { fault: "a changed role", token: tampered(1, () => encode({ ...payload, role: "admin" })) },
    { fault: "a changed header", token: tampered(0, () => encode({ alg: "HS256", typ: "JWT" })) },
    {
      fault: "a changed signature",
      token: tampered(2, (signature) => (signature.startsWith("A") ? "B" : "A") + signature.slice(1))
    },
    { fault: "no signature", token: tampered(2, () => "") },
    { fault: "alg none", token: Effect.sync(() => new UnsecuredJWT(payload).encode()) },
    { fault: "alg none over a signature", token: tampered(0, () => encode({ alg: "none" })) },
    { fault: "HS384 with the same secret", token: sign(payload, "HS384") },
    { fault: "HS512 with the same secret", token: sign(payload, "HS512") },
    {
      fault: "RS256",
      token: Effect.flatMap(
        Effect.promise(() => generateKeyPair("RS256")),
        ({ privateKey }) => sign(payload, "RS256", privateKey)
      )
    },
    { fault: "another secret", token: sign(payload, "HS256", bytesOf(secret.toUpperCase())) },
    { fault: "another issuer", token: sign({ ...payload, iss: "somebody" }) },
    { fault: "another audience", token: sign({ ...payload, aud: "somebody" }) },
    { fault: "a beginning that has not come", token: sign({ ...payload, nbf: 1 }) },
    { fault: "no issuer", token: without("iss") },
    { fault: "no audience", token: without("aud") },
    { fault: "no subject", token: without("sub") },
    { fault: "no role", token: without("role") },
    { fault: "no time of issue", token: without("iat") },
    { fault: "no expiry", token: without("exp") },
    { fault: "an unknown role", token: sign({ ...payload, role: "root" }) },
    { fault: "a subject that is not a UUID", token: sign({ ...payload, sub: "42" }) },
    { fault: "nothing in it", token: Effect.succeed("") },
    { fault: "garbage in it", token: Effect.succeed("a.b.c") },
    { fault: "U+0000 in it", token: Effect.map(sign(payload), (token) => `${token}\0`) },
    ...[" ", "\t", "\n", "=", "+"].map((extra) => ({
      fault: `${JSON.stringify(extra)} in its signature`,
      token: Effect.map(sign(payload), (token) => `${token.slice(0, -4)}${extra}${token.slice(-4)}`)
    })),
    { fault: "more than 4,096 characters", token: sign({ ...payload, jti: "x".repeat(2900) }) },
    { fault: "its scheme in it", token: Effect.map(sign(payload), (token) => `Bearer ${token}`) }
  ])("are refused with $fault, each time", ({ token }) =>
    Effect.gen(function* () {
      const bad = yield* token
      yield* refused(bad)
      yield* refused(bad)
    }).pipe(Effect.provide(layer()))
  )
})

describe("verified tokens", () => {
  it.effect("are checked once while they are remembered", () =>
    Effect.gen(function* () {
      const checks = countChecks()
      const { token } = yield* access(customer)
      for (let n = 0; n < 3; n++) yield* verify(token)
      assert.strictEqual(checks(), 1)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("are remembered up to a number, the oldest forgotten first", () =>
    Effect.gen(function* () {
      const checks = countChecks()
      const [first, second, third] = yield* Effect.all([
        sign({ ...payload, jti: "1" }),
        sign({ ...payload, jti: "2" }),
        sign({ ...payload, jti: "3" })
      ])
      for (const token of [first, second, third]) yield* verify(token)
      assert.strictEqual(checks(), 3)
      for (const token of [second, third]) yield* verify(token)
      assert.strictEqual(checks(), 3)
      yield* verify(first)
      assert.strictEqual(checks(), 4)
    }).pipe(Effect.provide(layer({ cachedTokens: 2 })))
  )
})

describe("secrets and times to live", () => {
  it.effect.each(["", "x".repeat(31), "é".repeat(15)])("are refused when too short: %j", (short) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Layer.build(layer({ secret: Redacted.make(short) })))
      assert.instanceOf(error, WeakSecret)
      assert.strictEqual(error.bytes, Buffer.byteLength(short))
    })
  )

  it.effect.each(["x".repeat(32), "é".repeat(16)])("are counted in bytes: %j is enough", (enough) =>
    Effect.gen(function* () {
      const { token } = yield* access(customer)
      assert.deepStrictEqual(yield* verify(token), customer)
    }).pipe(Effect.provide(layer({ secret: Redacted.make(enough) })))
  )

  it.effect.each([0, 999, Number.POSITIVE_INFINITY])(
    "are a defect when nobody could mean them: %d ms",
    (ttl) =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(Layer.build(layer({ accessTokenTtl: ttl })))
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      })
  )
})

describe("refresh tokens", () => {
  it.effect("are 32 random bytes of Web Crypto in base64url, with their hash", () =>
    Effect.gen(function* () {
      const { token, hash } = yield* TokenIssuer.use((issuer) => issuer.refresh)
      assert.strictEqual(token, Buffer.alloc(32, 0xfb).toString("base64url"))
      assert.strictEqual(hash, yield* TokenIssuer.useSync((issuer) => issuer.hashRefresh(token)))
    }).pipe(
      Effect.provide(joseLayer({ secret: Redacted.make(secret) })),
      Effect.provideService(WebCrypto.WebCrypto, {
        ...crypto,
        getRandomValues: (bytes) => (bytes instanceof Uint8Array ? bytes.fill(0xfb) : bytes)
      })
    )
  )

  it.effect("differ each time", () =>
    Effect.gen(function* () {
      const [first, second] = yield* TokenIssuer.use(({ refresh }) => Effect.all([refresh, refresh]))
      assert.notStrictEqual(first.token, second.token)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("are hashed with SHA-256 in hex (FIPS 180-4, example 1)", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* TokenIssuer.useSync((issuer) => issuer.hashRefresh("abc")),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
      )
    }).pipe(Effect.provide(layer()))
  )
})

describe("Tokens of many shops", () => {
  const names = ["acme", "globex", "acme-globex"].map((name) => ShopName.make(name))
  const issuers = (options: Partial<Parameters<typeof layerShops>[0]> = {}) =>
    Effect.gen(function* () {
      const { issuerOf } = yield* ShopTokenIssuers
      return yield* Effect.forEach(names, issuerOf)
    }).pipe(Effect.provide(layerShops({ secret: Redacted.make(secret), ...options })))

  it.effect("are accepted by their own shop alone, and not by the process", () =>
    Effect.gen(function* () {
      const shops = yield* issuers()
      const alone = yield* TokenIssuer.pipe(Effect.provide(layer()))
      const all = [...shops, alone]
      for (const [index, shop] of all.entries()) {
        const { token } = yield* shop.access(customer)
        for (const [other, verifier] of all.entries()) {
          const exit = yield* Effect.exit(verifier.verify(token))
          assert.strictEqual(Exit.isSuccess(exit), index === other)
        }
      }
    })
  )

  it.effect("are accepted by every process with the secret, and after it is replaced", () =>
    Effect.gen(function* () {
      const later = yield* issuers({
        secret: Redacted.make("f".repeat(32)),
        previousSecrets: [Redacted.make(secret)]
      })
      for (const [index, shop] of (yield* issuers()).entries()) {
        const { token } = yield* shop.access(customer)
        for (const [other, verifier] of [...(yield* issuers()), ...later].entries()) {
          const exit = yield* Effect.exit(verifier.verify(token))
          assert.strictEqual(Exit.isSuccess(exit), index === other % names.length)
        }
      }
    })
  )

  it.effect("need a secret of 32 bytes", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(issuers({ secret: Redacted.make("short") }))
      assert.instanceOf(error, WeakSecret)
    })
  )
})
