import { HttpApi } from "effect/http-api"
import { Api } from "./api/index.ts"

/** The API as it is served: what services answer is typed, and is not checked once more on its way out. */
export const ServedApi = Api.annotate(HttpApi.SuccessParseOptions, { disableChecks: true })
