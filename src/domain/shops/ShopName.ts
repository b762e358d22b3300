import { Schema } from "effect"

const pattern = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/

/**
 * Name of a shop among many in one process: a DNS label in lower case, so that it can be a part of a host name or of a path. 1 to 40
 * letters, digits and hyphens; it begins with a letter and does not end with a hyphen.
 */
export const ShopName = Schema.String.check(
  Schema.isPattern(pattern, {
    expected: "a name such as acme: 1 to 40 of a-z, 0-9 and -, with a letter first and no - at the end"
  })
).pipe(Schema.brand("ShopName"))
export type ShopName = typeof ShopName.Type

/** Refusal: there is no shop of this name. Nothing was changed. */
export class ShopNotFound extends Schema.TaggedError<ShopNotFound>()("ShopNotFound", {
  shop: Schema.String
}) {
  override get message() {
    return `There is no shop "${this.shop}".`
  }
}
