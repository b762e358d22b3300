/**
 * Test kit for hosts and authors of adapters: generators, the laws of the stores, and the model. Works with any
 * test runner.
 */

export * as Generators from "./AllGenerators.ts"
export { type Law, LawBroken, laws, Seed, suites } from "./contract/index.ts"
export * from "./model/index.ts"
