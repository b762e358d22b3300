import { createHash } from "node:crypto"
import { Clock, Duration, Effect, Layer, Redacted, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { type JWTHeaderParameters, jwtVerify, SignJWT } from "jose"
import { Unauthenticated } from "../domain/accounts/AccessPolicy.ts"
import { Role } from "../domain/accounts/Account.ts"
import { AccountId } from "../domain/shared/Ids.ts"
import { WeakSecret } from "../ports/errors.ts"
import { type Claims, TokenIssuer } from "../ports/TokenIssuer.ts"

export { WeakSecret } from "../ports/errors.ts"

interface Options {
  /** At least 32 bytes in UTF-8. */
  readonly secret: Redacted.Redacted
  /** Further secrets of tokens that are still accepted, each of at least 32 bytes; nothing is signed with them. */
  readonly previousSecrets?: ReadonlyArray<Redacted.Redacted>
  /** The `iss` claim, "effect-commerce" if absent. */
  readonly issuer?: string
  /** The `aud` claim, "effect-commerce" if absent. */
  readonly audience?: string
  /** How long an access token is valid, 15 minutes if absent; counted in whole seconds, at least one. */
  readonly accessTokenTtl?: Duration.Input
  /** How many verified tokens are remembered, 10,000 if absent. */
  readonly cachedTokens?: number
}

const algorithm = "HS256"

const decodePayload = Schema.decodeUnknownEffect(
  Schema.Struct({ sub: AccountId, role: Role, iat: Schema.Int, exp: Schema.Int })
)

const importKey = Effect.fnUntraced(function* (secret: Redacted.Redacted) {
  const bytes = new TextEncoder().encode(Redacted.value(secret))
  if (bytes.length < 32) return yield* new WeakSecret({ bytes: bytes.length })
  const hmac = { name: "HMAC", hash: "SHA-256" }
  const key = yield* Effect.promise(() =>
    crypto.subtle.importKey("raw", bytes, hmac, false, ["sign", "verify"])
  )
  return { kid: createHash("sha256").update(bytes).digest("hex").slice(0, 16), key }
})

/** Verified tokens, each good until it expires; past `capacity` the oldest goes. Times are in milliseconds. */
const makeCache = (capacity: number) => {
  const entries = new Map<string, { readonly claims: Claims; readonly expiresAt: number }>()
  return {
    get: (token: string, now: number): Claims | undefined => {
      const entry = entries.get(token)
      return entry !== undefined && now < entry.expiresAt ? entry.claims : undefined
    },
    add: (token: string, claims: Claims, expiresAt: number) => {
      entries.set(token, { claims, expiresAt })
      const [oldest] = entries.keys()
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest)
    }
  }
}

const hashRefresh = (token: string) => createHash("sha256").update(token).digest("hex")

const make = Effect.fnUntraced(function* (options: Options) {
  const { issuer = "effect-commerce", audience = "effect-commerce" } = options
  const expiresIn = Math.floor(Duration.toSeconds(options.accessTokenTtl ?? "15 minutes"))
  if (!(expiresIn >= 1 && Number.isSafeInteger(expiresIn))) {
    return yield* Effect.die(new RangeError("accessTokenTtl must be finite and at least a second"))
  }
  const signing = yield* importKey(options.secret)
  const previous = yield* Effect.forEach(options.previousSecrets ?? [], importKey)
  const keys = new Map([...previous, signing].map(({ kid, key }) => [kid, key]))
  /** A token that does not say which key signed it was signed before there were others. */
  const keyOf = ({ kid = signing.kid }: JWTHeaderParameters) => {
    const key = keys.get(kid)
    if (key === undefined) throw new Error("The key of this token is not known")
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
    return { token, hash: hashRefresh(token) }
  })

  return TokenIssuer.of({ access, verify, refresh, hashRefresh })
})

/**
 * Access tokens as JWTs (RFC 7519) signed with HS256 and with nothing else, by Effect's Clock; `kid` is the beginning
 * of the SHA-256 of the secret. Refresh tokens are 32 random bytes in base64url, hashed with SHA-256. A token that was verified once is remembered until it expires.
 * Building it fails with `WeakSecret`; `accessTokenTtl` out of bounds is a defect.
 */
export const layer = (options: Options): Layer.Layer<TokenIssuer, WeakSecret> =>
  Layer.provide(Layer.effect(TokenIssuer, make(options)), SecureRandom.layerWebCrypto)
