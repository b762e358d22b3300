import { Schema, SchemaTransformation } from "effect"
import { isStorable } from "./Text.ts"

const hex = (pattern: RegExp) =>
  Schema.String.check(
    Schema.isPattern(pattern, {
      expected: "a UUID",
      toJsonSchema: () => ({ format: "uuid", pattern: pattern.source })
    })
  )

/** A UUID (RFC 9562) of any version. Decoding accepts either case and returns lower case. */
const Uuid = hex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/).pipe(
  Schema.decodeTo(hex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/), SchemaTransformation.toLowerCase())
)

/** Id of an account: a UUID (RFC 9562). effect-commerce creates UUIDv7, which sort by creation time. */
export const AccountId = Uuid.pipe(Schema.brand("AccountId"))
export type AccountId = typeof AccountId.Type

const expected = "1 to 255 characters"

/**
 * Id of the customer who owns an order: an account id, or the id of a user of the host application. 1 to 255 characters,
 * stored and compared exactly as they are: case, white space and Unicode form count.
 */
export const CustomerId = Schema.String.check(
  isStorable,
  Schema.isMaxCodePoints(255, { expected }),
  Schema.isMinCodePoints(1, { expected })
).pipe(Schema.brand("CustomerId"))
export type CustomerId = typeof CustomerId.Type

/** Schema of a customer id that is stored. */
export const StoredCustomerId = Schema.String.pipe(Schema.brand("CustomerId"))

/** Id of a category: a UUID (RFC 9562). */
export const CategoryId = Uuid.pipe(Schema.brand("CategoryId"))
export type CategoryId = typeof CategoryId.Type

/** Id of a product: a UUID (RFC 9562). */
export const ProductId = Uuid.pipe(Schema.brand("ProductId"))
export type ProductId = typeof ProductId.Type

/** Id of an order: a UUIDv7 (RFC 9562). Later orders have greater ids. */
export const OrderId = Uuid.pipe(Schema.brand("OrderId"))
export type OrderId = typeof OrderId.Type

/** Id of a payment: a UUID (RFC 9562). It is also the idempotency key of the charge at the gateway. */
export const PaymentId = Uuid.pipe(Schema.brand("PaymentId"))
export type PaymentId = typeof PaymentId.Type

/** Id of a payment operation: a UUID (RFC 9562). It is also the idempotency key of the operation at the gateway. */
export const OperationId = Uuid.pipe(Schema.brand("OperationId"))
export type OperationId = typeof OperationId.Type

/** Id of a session: a UUID (RFC 9562). */
export const SessionId = Uuid.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

/** Id of a service token: a UUID (RFC 9562). Later tokens have greater ids. */
export const ServiceTokenId = Uuid.pipe(Schema.brand("ServiceTokenId"))
export type ServiceTokenId = typeof ServiceTokenId.Type

/** Id of a voucher: a UUID (RFC 9562). */
export const VoucherId = Uuid.pipe(Schema.brand("VoucherId"))
export type VoucherId = typeof VoucherId.Type
