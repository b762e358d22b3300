import { Array as Arr, Context, Effect, Layer } from "effect"
import { FindMyWay, HttpMethod, HttpRouter, HttpServerResponse } from "effect/http"
import type { HttpApi, HttpApiGroup } from "effect/http-api"
import { orList } from "../../domain/shared/SchemaIssues.ts"
import { contentType, document, type ProblemType } from "../api/Problem.ts"
import { RoutePrefix } from "./BasePath.ts"
import { strictRouting } from "./StrictRouting.ts"

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

/** A path with parameters, the methods that it takes, and the answer to others. */
interface Resource {
  readonly path: string
  readonly allowed: ReadonlyArray<string>
  readonly refusal: HttpServerResponse.HttpServerResponse
}

/**
 * The resources of a server by their paths, for requests that no route takes. A route for each method that a path does not take would be six
 * times as many routes.
 */
export class Resources extends Context.Service<
  Resources,
  {
    readonly add: (path: HttpRouter.PathInput, methods: ReadonlyArray<HttpMethod.HttpMethod>) => void
    /** Returns the resource at the path of a URL. */
    readonly find: (url: string) => Resource | undefined
  }
>()("effect-commerce/http/Resources") {
  static readonly layer = Layer.sync(Resources, () => {
    const paths = FindMyWay.make<Resource>(strictRouting)
    return Resources.of({
      add: (path, methods) => {
        const allowed = withHead(methods)
        paths.on("GET", path, { path, allowed, refusal: methodNotAllowed(allowed) })
      },
      find: (url) => paths.find("GET", url)?.handler
    })
  })
}

/** Lets all methods but `methods` at a path be answered with 405 and `Allow`. */
export const onlyMethods = (
  path: HttpRouter.PathInput,
  methods: ReadonlyArray<HttpMethod.HttpMethod>
): Layer.Layer<never> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { add } = yield* Resources
      add(HttpRouter.prefixPath(path, yield* RoutePrefix) as HttpRouter.PathInput, methods)
    })
  ).pipe(Layer.provide(Resources.layer))

/** Lets wrong methods be answered at every path of the API. */
export const methodsOf = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
): Layer.Layer<never> => {
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
