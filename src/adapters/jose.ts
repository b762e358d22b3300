import { createHash, hkdfSync } from "node:crypto"
import { Clock, Duration, Effect, Layer, Redacted, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { type JWTHeaderParameters, jwtVerify, SignJWT } from "jose"
import { Unauthenticated } from "../domain/accounts/AccessPolicy.ts"
import { Role } from "../domain/accounts/Account.ts"
import { AccountId } from "../domain/shared/Ids.ts"
import type { ShopName } from "../domain/shops/ShopName.ts"
import { type Claims, ShopTokenIssuers, TokenIssuer } from "../ports/TokenIssuer.ts"
import { authSettings, secretBytes } from "../settings/AuthSettings.ts"

/** The secret is shorter than 32 bytes, the minimum for HS256 (RFC 7518, section 3.2). */
export class WeakSecret extends Schema.TaggedError<WeakSecret>()("WeakSecret", { bytes: Schema.Int }) {
  override get message() {
    return `The token secret has ${this.bytes} bytes. It must have at least ${secretBytes} bytes.`
  }
}

interface Options {
  /** Secret that signs tokens, at least 32 bytes in UTF-8. */
  readonly secret: Redacted.Redacted
  /**
   * Earlier secrets, each at least 32 bytes. Their tokens are still accepted; new tokens are never signed with
   * them. Defaults to none.
   */
  readonly previousSecrets?: ReadonlyArray<Redacted.Redacted>
  /** Claim `iss` of the tokens. Defaults to "effect-commerce". */
  readonly issuer?: string
  /** Claim `aud` of the tokens. Defaults to "effect-commerce". */
  readonly audience?: string
  /** Lifetime of an access token in whole seconds, at least 1 second. Defaults to the setting `auth.accessTokenTtl`. */
  readonly accessTokenTtl?: Duration.Input
  /** Maximum number of verified tokens in the cache. Defaults to 10,000. */
  readonly cachedTokens?: number
}

const algorithm = "HS256"

const decodePayload = Schema.decodeUnknownEffect(
  Schema.Struct({ sub: AccountId, role: Role, iat: Schema.Int, exp: Schema.Int })
)

const importKey = Effect.fnUntraced(function* (secret: Redacted.Redacted) {
  const bytes = new TextEncoder().encode(Redacted.value(secret))
  if (bytes.length < secretBytes) return yield* new WeakSecret({ bytes: bytes.length })
  const hmac = { name: "HMAC", hash: "SHA-256" }
  const key = yield* Effect.promise(() =>
    crypto.subtle.importKey("raw", bytes, hmac, false, ["sign", "verify"])
  )
  return { kid: createHash("sha256").update(bytes).digest("hex").slice(0, 16), key }
})

const sha256 = (token: string) => createHash("sha256").update(token).digest("hex")

/** Maximum length of an access token in characters. Our own have about 350. */
const tokenLength = 4096

/** Compact serialization of a JWS: three parts of base64url. RFC 7515, section 7.1. */
const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** A decoder of base64 skips blanks, so that one token would have any number of spellings. */
const isCompact = (token: string) => token.length <= tokenLength && compact.test(token)

/**
 * Cache of verified tokens, by the SHA-256 of the token, so that long tokens take no more memory. A token expires at its own time (ms
 * since 1970). Above `capacity` the oldest entry is evicted.
 */
const makeCache = (capacity: number) => {
  const entries = new Map<string, { readonly claims: Claims; readonly expiresAt: number }>()
  return {
    get: (token: string, now: number): Claims | undefined => {
      const entry = entries.get(sha256(token))
      return entry !== undefined && now < entry.expiresAt ? entry.claims : undefined
    },
    add: (token: string, claims: Claims, expiresAt: number) => {
      entries.set(sha256(token), { claims, expiresAt })
      const [oldest] = entries.keys()
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest)
    }
  }
}

const make = Effect.fnUntraced(function* (options: Options) {
  const { issuer = "effect-commerce", audience = "effect-commerce" } = options
  const expiresIn = Math.floor(
    Duration.toSeconds(options.accessTokenTtl ?? authSettings.accessTokenTtl.default)
  )
  if (!(expiresIn >= 1 && Number.isSafeInteger(expiresIn))) {
    return yield* Effect.die(new RangeError("accessTokenTtl must be finite and at least a second"))
  }
  const signing = yield* importKey(options.secret)
  const previous = yield* Effect.forEach(options.previousSecrets ?? [], importKey)
  const keys = new Map([...previous, signing].map(({ kid, key }) => [kid, key]))
  /** Tokens without `kid` were signed before key rotation was introduced, so the current key applies. */
  const keyOf = ({ kid = signing.kid }: JWTHeaderParameters) => {
    const key = keys.get(kid)
    if (key === undefined) throw new Error("The token was signed with an unknown key")
    return key
  }
  const random = yield* SecureRandom.SecureRandom
  const cache = makeCache(options.cachedTokens ?? 10_000)

  const access = Effect.fnUntraced(function* ({ id, role }: Claims) {
    const issuedAt = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const jwt = new SignJWT({
      role,
      iss: issuer,
      aud: audience,
      sub: id,
      iat: issuedAt,
      exp: issuedAt + expiresIn
    })
    const token = yield* Effect.promise(() =>
      jwt.setProtectedHeader({ alg: algorithm, typ: "JWT", kid: signing.kid }).sign(signing.key)
    )
    return { token, expiresIn }
  })

  const verify = Effect.fnUntraced(
    function* (token: string) {
      if (!isCompact(token)) return yield* new Unauthenticated()
      const now = yield* Clock.currentTimeMillis
      const known = cache.get(token, now)
      if (known !== undefined) return known
      const rules = { algorithms: [algorithm], issuer, audience, currentDate: new Date(now) }
      const { payload } = yield* Effect.tryPromise(() => jwtVerify(token, keyOf, rules))
      const { sub, role, exp } = yield* decodePayload(payload)
      cache.add(token, { id: sub, role }, exp * 1000)
      return { id: sub, role }
    },
    Effect.mapError(() => new Unauthenticated())
  )

  const refresh = Effect.map(random.randomBytes(32), (bytes) => {
    const token = Buffer.from(bytes).toString("base64url")
    return { token, hash: sha256(token) }
  })

  return TokenIssuer.of({ access, verify, refresh, hashRefresh: sha256 })
})

/**
 * Provides a `TokenIssuer`. Fails with `WeakSecret`. Dies if `accessTokenTtl` is out of bounds.
 *
 * Access tokens are JWTs (RFC 7519) signed with HS256; no other algorithm is accepted. `kid` is the first 16 hex
 * digits of the SHA-256 of the secret. Verified tokens are cached until they expire.
 *
 * Refresh tokens are 32 random bytes in base64url. Their hash is SHA-256.
 */
export const layer = (options: Options): Layer.Layer<TokenIssuer, WeakSecret> =>
  Layer.provide(Layer.effect(TokenIssuer, make(options)), SecureRandom.layerWebCrypto)

/** Returns the secret of a shop: HKDF (RFC 5869) with SHA-256 of the secret of the process. It does not tell that of another shop. */
const secretOf = (shop: ShopName, secret: Redacted.Redacted): Redacted.Redacted =>
  Redacted.make(
    Buffer.from(
      hkdfSync("sha256", Redacted.value(secret), "", `effect-commerce/shop/${shop}`, secretBytes)
    ).toString("base64url")
  )

/** Verified tokens that a shop of many keeps: all of them share the memory of the process. */
const tokensOfShop = 1_000

/**
 * Provides a `TokenIssuer` for each shop of a process, each with a secret of its own that is derived from `secret` and the name of the shop.
 * Fails with `WeakSecret`. `cachedTokens` is for each shop, and defaults to 1,000.
 */
export const layerShops = (options: Options): Layer.Layer<ShopTokenIssuers, WeakSecret> =>
  Layer.effect(
    ShopTokenIssuers,
    Effect.gen(function* () {
      // Faults of the options are found now, and not by the first shop.
      yield* make(options)
      const random = yield* Effect.context<SecureRandom.SecureRandom>()
      return ShopTokenIssuers.of({
        issuerOf: (shop) =>
          make({
            cachedTokens: tokensOfShop,
            ...options,
            secret: secretOf(shop, options.secret),
            previousSecrets: options.previousSecrets?.map((previous) => secretOf(shop, previous)) ?? []
          }).pipe(Effect.orDie, Effect.provideContext(random))
      })
    })
  ).pipe(Layer.provide(SecureRandom.layerWebCrypto))
