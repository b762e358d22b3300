/** For testing your own code or adapter: generators, the laws of the stores, and the model. Needs no test runner. */

export { type Law, LawBroken, laws, Seed } from "./contract/index.ts"
export * as Generators from "./Generators.ts"
export * from "./model/index.ts"
