/** Random sequences of commands, played on a model and on a real shop. */

export { FeedPatience } from "../FeedPatience.ts"
export * from "./Agree.ts"
export { type Command, commandsAbout } from "./Command.ts"
export { type ModelShop, shopOn } from "./ModelShop.ts"
export * from "./Play.ts"
