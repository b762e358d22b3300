import { Schema } from "effect"
import { CategoryId } from "../shared/Ids.ts"
import { paging } from "../shared/Page.ts"
import { Name } from "../shared/Text.ts"

/** 1 to 100 characters, with something to read in them; unique whatever the case. */
export const CategoryName = Name(100)

/** What products are sorted into. */
export const Category = Schema.Struct({
  id: CategoryId,
  name: CategoryName,
  createdAt: Schema.Date
}).annotate({ identifier: "Category" })
export interface Category extends Schema.Schema.Type<typeof Category> {}

/** What a category is created with. */
export const NewCategory = Schema.Struct({ name: CategoryName }).annotate({ identifier: "NewCategory" })

/** No category has this id. */
export class CategoryNotFound extends Schema.TaggedError<CategoryNotFound>()("CategoryNotFound", {
  categoryId: Schema.String
}) {
  override get message() {
    return `There is no category ${this.categoryId}`
  }
}

/** A category with this name exists already, whatever the case. */
export class CategoryNameTaken extends Schema.TaggedError<CategoryNameTaken>()("CategoryNameTaken", {
  name: Schema.String
}) {
  override get message() {
    return "A category with this name exists already"
  }
}

/** Which page of the categories to list. */
export const CategoryQuery = Schema.Struct(paging)

/** What categories are compared by. */
export const CategoryKey = Schema.Tuple([CategoryId])
