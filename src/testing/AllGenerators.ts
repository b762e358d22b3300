/** A generator for every schema of the domain, by its name; and some for what tests need besides. */

export * from "./Generators.ts"
export * from "./RequestGenerators.ts"
