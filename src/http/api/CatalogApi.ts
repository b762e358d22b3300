import { flow, Schema, Struct } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Category, CategoryChange, CategoryQuery, NewCategory } from "../../domain/catalog/Category.ts"
import { NewProduct, Product, ProductChange, StockAdjustment } from "../../domain/catalog/Product.ts"
import { ProductQuery } from "../../domain/catalog/ProductListing.ts"
import { CategoryId, ProductId } from "../../domain/shared/Ids.ts"
import { Page } from "../../domain/shared/Page.ts"
import {
  Authorization,
  OptionalAuthorization,
  optionalSecurity,
  RequiredPermission
} from "./Authorization.ts"
import { declareConditional } from "./openapi/ConditionalReads.ts"
import {
  CategoryNameTaken,
  CategoryNotFound,
  IdempotencyKeyReused,
  InsufficientStock,
  InvalidInput,
  ProductNotFound,
  SkuTaken,
  Unavailable
} from "./Problems.ts"
import { AddressLimit, created, createdOnce, doneOnce, limit, onceHeaders } from "./Request.ts"

// JSON has no `undefined`, so optional fields are absent. `null` is a value.
const ChangeBody = ProductChange.mapFields(
  flow(Struct.map(Schema.required), Struct.map(Schema.optionalKey))
).annotate({ identifier: "ProductChange" })

const optional = ["description", "sku", "taxClass", "images"] as const

const ProductBody = NewProduct.mapFields(
  flow(Struct.mapPick(optional, Schema.required), Struct.mapPick(optional, Schema.optionalKey))
).annotate({ identifier: "NewProduct" })

const AdjustmentBody = StockAdjustment.mapFields(
  flow(Struct.mapPick(["reason"], Schema.required), Struct.mapPick(["reason"], Schema.optionalKey))
).annotate({ identifier: "StockAdjustment" })

const productPath = { params: { id: ProductId } }

export class CatalogApi extends HttpApiGroup.make("catalog")
  .add(
    HttpApiEndpoint.get("categories", "/categories", {
      query: { ...CategoryQuery.fields, limit },
      success: Page(Category).annotate({ identifier: "CategoryPage" }),
      error: [InvalidInput, Unavailable]
    }).annotate(OpenApi.Summary, "List categories"),
    HttpApiEndpoint.post("createCategory", "/categories", {
      payload: NewCategory,
      success: created(Category),
      error: [InvalidInput, CategoryNameTaken, Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "change catalog")
      .annotate(OpenApi.Summary, "Create a category"),
    HttpApiEndpoint.patch("renameCategory", "/categories/:id", {
      params: { id: CategoryId },
      payload: CategoryChange,
      success: Category,
      error: [InvalidInput, CategoryNotFound, CategoryNameTaken, Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "change catalog")
      .annotate(OpenApi.Summary, "Rename a category"),
    HttpApiEndpoint.get("products", "/products", {
      query: { ...ProductQuery.fields, limit },
      success: Page(Product).annotate({ identifier: "ProductPage" }),
      error: [InvalidInput, Unavailable]
    })
      .middleware(OptionalAuthorization)
      .annotate(OpenApi.Override, optionalSecurity)
      .annotate(OpenApi.Transform, declareConditional)
      .annotate(OpenApi.Summary, "List products")
      .annotate(
        OpenApi.Description,
        "Lists active products. `active=false` and `active=any` list inactive ones too, and need the token of an admin."
      ),
    HttpApiEndpoint.get("product", "/products/:id", {
      ...productPath,
      success: Product,
      error: [InvalidInput, ProductNotFound, Unavailable]
    })
      .annotate(OpenApi.Transform, declareConditional)
      .annotate(OpenApi.Summary, "Get a product"),
    HttpApiEndpoint.post("createProduct", "/products", {
      headers: onceHeaders,
      payload: ProductBody,
      success: createdOnce(Product),
      error: [InvalidInput, CategoryNotFound, SkuTaken, IdempotencyKeyReused, Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "change catalog")
      .annotate(OpenApi.Summary, "Create a product"),
    HttpApiEndpoint.patch("changeProduct", "/products/:id", {
      ...productPath,
      payload: ChangeBody,
      success: Product,
      error: [InvalidInput, ProductNotFound, CategoryNotFound, SkuTaken, Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "change catalog")
      .annotate(OpenApi.Summary, "Change a product"),
    HttpApiEndpoint.post("adjustStock", "/products/:id/stock-adjustments", {
      ...productPath,
      headers: onceHeaders,
      payload: AdjustmentBody,
      success: doneOnce(Product),
      error: [InvalidInput, ProductNotFound, InsufficientStock, IdempotencyKeyReused, Unavailable]
    })
      .middleware(Authorization)
      .annotate(RequiredPermission, "change catalog")
      .annotate(OpenApi.Summary, "Adjust the stock of a product")
  )
  .middleware(AddressLimit)
  .annotate(OpenApi.Title, "Catalog")
  .annotate(OpenApi.Description, "Categories and products. Reading is public; changes require an admin.") {}
