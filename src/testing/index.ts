/** For testing your own code or adapter: generators, the laws of the stores, and the model. Needs no test runner. */

export * as Generators from "./AllGenerators.ts"
export { type Law, LawBroken, laws, Seed, suites } from "./contract/index.ts"
export * from "./model/index.ts"
