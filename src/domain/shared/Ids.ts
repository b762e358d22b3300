import { Schema, SchemaTransformation } from "effect"

const hex = (pattern: RegExp) =>
  Schema.String.check(
    Schema.isPattern(pattern, { expected: "a UUID", toJsonSchema: () => ({ format: "uuid" }) })
  )

/** A UUID (RFC 9562) of any version comes in in any case and is lower case from then on. */
const Uuid = hex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/).pipe(
  Schema.decodeTo(hex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/), SchemaTransformation.toLowerCase())
)

/** A UUID, as the other ids: those made here are UUIDv7, ordered by time. */
export const AccountId = Uuid.pipe(Schema.brand("AccountId"))
export type AccountId = typeof AccountId.Type

/** Who an order belongs to: an account's id, or the id of a user of the host. */
export const CustomerId = Uuid.pipe(Schema.brand("CustomerId"))
export type CustomerId = typeof CustomerId.Type

/** The id of a category, a UUID. */
export const CategoryId = Uuid.pipe(Schema.brand("CategoryId"))
export type CategoryId = typeof CategoryId.Type

/** The id of a product, a UUID. */
export const ProductId = Uuid.pipe(Schema.brand("ProductId"))
export type ProductId = typeof ProductId.Type

/** The id of an order, a UUID; later orders have greater ones. */
export const OrderId = Uuid.pipe(Schema.brand("OrderId"))
export type OrderId = typeof OrderId.Type

/** The id of a payment, a UUID; what a gateway is asked with. */
export const PaymentId = Uuid.pipe(Schema.brand("PaymentId"))
export type PaymentId = typeof PaymentId.Type

/** The id of a session, a UUID. */
export const SessionId = Uuid.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type
