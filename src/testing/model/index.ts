/** Random sequences of everything that can be asked of a shop, played on a model and on a real one. */
export * from "./Agree.ts"
export { type Command, commands } from "./Command.ts"
export { type ModelShop, shopOn } from "./ModelShop.ts"
export * from "./Play.ts"
export { FeedPatience } from "./steps/Feed.ts"
