import { Schema } from "effect"
import { CategoryId } from "../shared/Ids.ts"
import { Instant } from "../shared/Instant.ts"
import { paging } from "../shared/Page.ts"
import { Name, StoredText } from "../shared/Text.ts"

/** Schema of a category name: 1 to 100 characters, not blank. Unique in the shop; case is ignored. */
export const CategoryName = Name(100)

/** A category of products. */
export const Category = Schema.Struct({
  id: CategoryId,
  name: StoredText,
  createdAt: Instant
}).annotate({ identifier: "Category" })
export interface Category extends Schema.Schema.Type<typeof Category> {}

/** Input for a new category. */
export const NewCategory = Schema.Struct({ name: CategoryName }).annotate({ identifier: "NewCategory" })

/** Input for a change of a category. */
export const CategoryChange = Schema.Struct({ name: CategoryName }).annotate({ identifier: "CategoryChange" })

/** Returns the category under another name. */
export const rename = (category: Category, name: string): Category => ({ ...category, name })

/** Refusal: no category has this id. */
export class CategoryNotFound extends Schema.TaggedError<CategoryNotFound>()("CategoryNotFound", {
  categoryId: Schema.String
}) {
  override get message() {
    return `No category has the id ${this.categoryId}.`
  }
}

/** Refusal: another category has this name. Case is ignored. */
export class CategoryNameTaken extends Schema.TaggedError<CategoryNameTaken>()("CategoryNameTaken", {
  name: Schema.String
}) {
  override get message() {
    return "A category with this name already exists."
  }
}

/** Paging of a list of categories. */
export const CategoryQuery = Schema.Struct(paging)

/** Sort key of a list of categories. */
export const CategoryKey = Schema.Tuple([CategoryId])
