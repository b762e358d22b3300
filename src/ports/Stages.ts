import { Context } from "effect"
import { noStages, type StageTable } from "../domain/fulfilment/Stage.ts"

/** The stages of the shop, which `Orders.layer` reads when it is built. Provide them with `Layer.succeed(Stages, …)`. Defaults to none. */
export const Stages = Context.Reference<StageTable>("effect-commerce/ports/Stages", {
  defaultValue: () => noStages
})
