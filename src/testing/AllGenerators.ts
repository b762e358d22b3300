/** Generators of all schemas of the domain, each named after its schema, and of further test data. */

export * from "./Generators.ts"
export * from "./RequestGenerators.ts"
