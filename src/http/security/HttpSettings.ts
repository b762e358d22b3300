import { Layer, Schema } from "effect"
import { Http, type HttpSettings } from "../../settings/HttpSettings.ts"
import { DocsPage } from "../boundary/Docs.ts"
import { TrustedProxies } from "./ClientAddress.ts"
import { AuthRateLimit, RequestLimit } from "./RateLimit.ts"
import { CorsOrigins } from "./SecurityHeaders.ts"

const decode = Schema.decodeSync(Http)

/** Sets `AuthRateLimit`, `RequestLimit`, `TrustedProxies` and `CorsOrigins`, which are off by themselves, and `DocsPage`. Throws if a setting is wrong. */
export const layerSettings = (settings: HttpSettings = {}): Layer.Layer<never> => {
  const { corsOrigins, docs, rateLimit, requestLimit, trustedProxies } = decode(settings)
  return Layer.mergeAll(
    Layer.succeed(AuthRateLimit, rateLimit),
    Layer.succeed(TrustedProxies, trustedProxies),
    Layer.succeed(CorsOrigins, corsOrigins),
    Layer.succeed(RequestLimit, requestLimit),
    Layer.succeed(DocsPage, docs)
  )
}
