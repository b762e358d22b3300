import { Schema } from "effect"
import { Prose, StoredText } from "../shared/Text.ts"

const host = "(?:[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*\\.?|\\[[0-9A-Fa-f:.]+\\])"
const port = "(?::(?:6553[0-5]|655[0-2]\\d|65[0-4]\\d{2}|6[0-4]\\d{3}|[1-5]\\d{4}|\\d{1,4}))?"
/** Visible ASCII without quotation marks, single and double, angle brackets, backslash and backtick, which end an attribute of HTML. */
const rest = "(?:[/?#][!#-&(-;=?-\\[\\]-_a-~]*)?"

/**
 * Schema of the URL of an image: absolute, `http` or `https`, at most 2,048 characters of ASCII. Credentials are refused: every
 * visitor of the shop would read them.
 */
export const ImageUrl = Schema.String.check(
  Schema.isMaxLength(2048, { expected: "at most 2048 characters" }).abort(),
  Schema.isPattern(new RegExp(`^https?://${host}${port}${rest}$`, "u"), {
    expected: "an absolute URL of ASCII characters with http or https, without a user or a password"
  }).abort(),
  Schema.makeFilter((url) => URL.canParse(url), { expected: "a URL with a host that may exist" })
)

/** An image of a product: where it is, and the text for those who do not see it. `alt` is absent if there is none. */
export const ProductImage = Schema.Struct({
  url: StoredText,
  alt: Schema.optionalKey(StoredText)
}).annotate({ identifier: "ProductImage" })
export interface ProductImage extends Schema.Schema.Type<typeof ProductImage> {}

/** Input for an image of a product. */
export const NewProductImage = Schema.Struct({
  url: ImageUrl,
  alt: Schema.optional(Prose(500))
}).annotate({ identifier: "NewProductImage" })
export interface NewProductImage extends Schema.Schema.Type<typeof NewProductImage> {}

/** Maximum number of images of a product. */
export const maxImages = 20

/** Input for all images of a product, in the order in which they are shown. */
export const NewProductImages = Schema.Array(NewProductImage).check(
  Schema.isMaxLength(maxImages, { expected: `at most ${maxImages} images` })
)

const toImage = ({ url, alt }: NewProductImage): ProductImage => (alt === undefined ? { url } : { url, alt })

/** Returns the field `images` of a product, which is absent if there are none. */
export const withImages = (
  images: ReadonlyArray<NewProductImage> | undefined
): { readonly images?: ReadonlyArray<ProductImage> } =>
  images === undefined || images.length === 0 ? {} : { images: images.map(toImage) }
