/** Generators of the domain's entities for property tests. Every generated value is valid. */
export * from "./generators/Accounts.ts"
export * from "./generators/Analytics.ts"
export * from "./generators/Catalog.ts"
export * from "./generators/Orders.ts"
export * from "./generators/Payments.ts"
export * from "./generators/PlaceOrder.ts"
export * from "./generators/Texts.ts"
export * from "./generators/Values.ts"
