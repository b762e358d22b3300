import { Layer, Schema } from "effect"
import { Http, type HttpSettings } from "../../settings/HttpSettings.ts"
import { TrustedProxies } from "./ClientAddress.ts"
import { AuthRateLimit } from "./RateLimit.ts"
import { CorsOrigins } from "./SecurityHeaders.ts"

const decode = Schema.decodeSync(Http)

/** Sets `AuthRateLimit`, `TrustedProxies` and `CorsOrigins`, which are off by themselves. Throws if a setting is wrong. */
export const layerSettings = (settings: HttpSettings = {}): Layer.Layer<never> => {
  const { corsOrigins, rateLimit, trustedProxies } = decode(settings)
  return Layer.mergeAll(
    Layer.succeed(AuthRateLimit, rateLimit),
    Layer.succeed(TrustedProxies, trustedProxies),
    Layer.succeed(CorsOrigins, corsOrigins)
  )
}
