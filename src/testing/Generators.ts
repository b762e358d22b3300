/** Generators of every type of the domain, for property tests: what they make, the domain takes. */
export * from "./generators/Accounts.ts"
export * from "./generators/Analytics.ts"
export * from "./generators/Catalog.ts"
export * from "./generators/Orders.ts"
export * from "./generators/Payments.ts"
export * from "./generators/PlaceOrder.ts"
export * from "./generators/Texts.ts"
export * from "./generators/Values.ts"
