import { Layer } from "effect"
import { routes } from "effect-commerce/http"

console.log(Layer.isLayer(routes))
