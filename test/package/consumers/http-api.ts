import type { HttpApiClient } from "effect/http-api"
import { OpenApi } from "effect/http-api"
import { Api } from "effect-commerce/http-api"

type Shop = HttpApiClient.ForApi<typeof Api>
const names: ReadonlyArray<keyof Shop> = ["auth", "catalog", "orders", "analytics", "health"]
const { paths } = OpenApi.fromApi(Api)
console.log(names.length, "/orders" in paths)
