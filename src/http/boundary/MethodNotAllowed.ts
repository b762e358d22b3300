import { Array as Arr, Layer } from "effect"
import { HttpMethod, HttpRouter, HttpServerResponse } from "effect/http"
import type { HttpApi, HttpApiGroup } from "effect/http-api"
import { orList } from "../../domain/shared/SchemaIssues.ts"
import { contentType, document, type ProblemType } from "../api/Problem.ts"
import { recordRoute } from "./RequestLog.ts"

const problem: ProblemType = { status: 405, code: "method-not-allowed", title: "Method not allowed" }

/** The router answers HEAD with the route of GET. */
const withHead = (methods: ReadonlyArray<HttpMethod.HttpMethod>): ReadonlyArray<HttpMethod.HttpMethod> =>
  [...HttpMethod.all].filter(
    (method) => methods.includes(method) || (method === "HEAD" && methods.includes("GET"))
  )

/** The answer to a method that a resource does not take (RFC 9110, 15.5.6). */
export const methodNotAllowed = (allowed: ReadonlyArray<string>) =>
  HttpServerResponse.jsonUnsafe(document(problem, `This resource takes ${orList(allowed)}.`), {
    status: problem.status,
    contentType,
    headers: { allow: allowed.join(", ") }
  })

/** Answers all methods but `methods` at a path with 405 and `Allow`. */
export const onlyMethods = (
  path: HttpRouter.PathInput,
  methods: ReadonlyArray<HttpMethod.HttpMethod>
): Layer.Layer<never, never, HttpRouter.HttpRouter> => {
  const allowed = withHead(methods)
  const response = methodNotAllowed(allowed)
  const others = [...HttpMethod.all].filter((method) => !allowed.includes(method))
  return HttpRouter.addAll(others.map((method) => HttpRouter.route(method, path, response))).pipe(
    Layer.provide(recordRoute)
  )
}

/** Answers wrong methods at every path of the API. */
export const methodsOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
): Layer.Layer<never, never, HttpRouter.HttpRouter> => {
  const groups = Object.values<HttpApiGroup.Top>(api.groups as never)
  const endpoints = Arr.groupBy(
    groups.flatMap((group) => Object.values(group.endpoints)),
    ({ path }) => path
  )
  return Layer.mergeAll(
    Layer.empty,
    ...Object.entries(endpoints).map(([path, known]) =>
      onlyMethods(
        path as HttpRouter.PathInput,
        known.map(({ method }) => method)
      )
    )
  )
}
