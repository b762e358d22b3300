import {
  Cause,
  Context,
  type Duration,
  Effect,
  Exit,
  Layer,
  LayerMap,
  Metric,
  References,
  Schema,
  Scope
} from "effect"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { decoder } from "../domain/shared/InvalidInput.ts"
import { ShopName } from "../domain/shops/ShopName.ts"
import type { ShopDirectory } from "../ports/ShopDirectory.ts"

const decode = decoder(Schema.Struct({ shop: ShopName }))

/** Decodes the name of a shop. Fails with `InvalidInput`. */
export const decodeShop = (shop: string): Effect.Effect<ShopName, InvalidInput> =>
  Effect.map(Effect.fromResult(decode({ shop })), (decoded) => decoded.shop)

/** Where a shop is opened: the map opens it again once its server is another. */
interface Place {
  readonly server: string
  readonly shop: ShopName
}

/** Shops by their names. Each is opened when it is first asked for, and closed when it has been idle. */
export interface ShopMap<I, E> {
  /** Returns what the shop provides. The shop stays open until the scope closes. */
  readonly get: (shop: string) => Effect.Effect<Context.Context<I>, E | InvalidInput, Scope.Scope>
  /** Opens a shop apart, as `get` does. If that fails, what is open is closed as soon as nothing uses it. */
  readonly check: (shop: string) => Effect.Effect<void, E | InvalidInput>
}

/** How long a shop stays open that no call uses. */
export const idleTimeToLive: Duration.Input & string = "10 minutes"

/**
 * Makes a map of shops. `layerOf` describes one, and is built for itself: no two shops share a layer of it.
 *
 * Metrics of a shop have the label `shop`, in its own fibers and in what runs with its services.
 */
export const shopMap = <I, E>(
  { serverOf }: Pick<ShopDirectory["Service"], "serverOf">,
  layerOf: (shop: ShopName) => Layer.Layer<I, E>,
  idle: Duration.Input = idleTimeToLive
): Effect.Effect<ShopMap<I, E>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const surroundings = Context.omit(Scope.Scope)(yield* Effect.context<never>())
    const labels = yield* Metric.CurrentMetricAttributes
    const annotations = yield* References.CurrentLogAnnotations

    const open = ({ shop }: Place): Layer.Layer<I, E> => {
      const labelled = Layer.succeed(Metric.CurrentMetricAttributes, { ...labels, shop })
      const annotated = Layer.succeed(References.CurrentLogAnnotations, { ...annotations, shop })
      const described = Layer.fresh(Layer.provideMerge(Layer.provide(layerOf(shop), annotated), labelled))
      // The caller that opens a shop may be in a transaction, which its fibers must not inherit.
      return Layer.effectContext(
        Effect.flatMap(Effect.scope, (scope) =>
          Effect.updateContext(Layer.buildWithScope(described, scope), () => surroundings)
        )
      )
    }
    const map: LayerMap.LayerMap<Place, I, E> = yield* LayerMap.make(open, { idleTimeToLive: idle })

    const placeOf = (name: string) =>
      Effect.map(decodeShop(name), (shop): Place => ({ server: serverOf(shop), shop }))
    const forgetFailed =
      (place: Place) =>
      <A, E2, R>(opening: Effect.Effect<A, E2, R>) =>
        Effect.tapCause(opening, (cause) =>
          Cause.hasInterruptsOnly(cause) ? Effect.void : map.invalidate(place)
        )
    const check = (place: Place) =>
      Effect.asVoid(Effect.scoped(Layer.build(open(place)))).pipe(forgetFailed(place))

    const shops: ShopMap<I, E> = {
      get: (name) =>
        Effect.flatMap(placeOf(name), (place) =>
          // A failure would be kept as long as a shop.
          forgetFailed(place)(map.contextEffect(place)).pipe(
            Effect.tap(() =>
              // The statements of a shop whose schema was dropped fail as a bug does.
              Effect.addFinalizer((exit) =>
                Exit.hasDies(exit) ? Effect.ignoreCause(check(place)) : Effect.void
              )
            )
          )
        ),
      check: (name) => Effect.flatMap(placeOf(name), check)
    }
    return shops
  })
