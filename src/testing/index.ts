/**
 * Test kit for hosts and authors of adapters: generators, the laws of the stores, the model, and the judge. Works with any
 * test runner.
 */

export * as Generators from "./AllGenerators.ts"
export { hookLaws, type Law, LawBroken, laws, Seed, scriptedHook, suites } from "./contract/index.ts"
export * from "./judge/index.ts"
export * from "./model/index.ts"
