import { type Corruption, order } from "./Corruption.ts"

const stage = order("stage")

export const stageCorruptions: ReadonlyArray<Corruption> = [
  stage(
    "bought",
    "has an order in a stage that it was never moved to",
    "UPDATE commerce.orders SET stage = 'picked' WHERE id = ?"
  ),
  stage(
    "staged",
    "has forgotten the stage of an order",
    "UPDATE commerce.orders SET stage = NULL WHERE id = ?"
  ),
  stage(
    "staged",
    "has an order in another stage than its history",
    "UPDATE commerce.orders SET stage = 'new' WHERE id = ?"
  ),
  stage(
    "left",
    "keeps the stage of an earlier status",
    "UPDATE commerce.orders SET stage = 'picked' WHERE id = ?"
  )
]
